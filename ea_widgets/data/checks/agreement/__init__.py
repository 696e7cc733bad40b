"""Whether labels and predictions agree, and whether boxes are what they say they are."""
