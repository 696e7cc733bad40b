"""Overlap of boxes, greedy matching and average precision, on arrays."""
