"""Pandas, JSON and images: datasets, readers and metrics."""
