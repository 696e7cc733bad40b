"""ipywidgets and bqplot: draw results, edit choices."""
