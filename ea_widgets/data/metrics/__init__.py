"""The catalogue of metrics, and how they are computed."""
