"""Objects sorted into bins, and counted there."""
