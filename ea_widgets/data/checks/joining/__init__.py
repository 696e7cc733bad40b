"""Images and classes of labels and predictions, found to be the same."""
