"""bqplot figures."""
