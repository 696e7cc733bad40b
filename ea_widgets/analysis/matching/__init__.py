"""Predictions paired with labels, and what came of it."""
