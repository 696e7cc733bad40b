"""Computed metrics, kept between sessions."""
