"""Rates by a metric, and sentences about them."""
