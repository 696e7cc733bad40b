"""Importance and correlation, from counts."""
