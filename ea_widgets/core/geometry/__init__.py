"""Neighbours, union areas and run-length masks."""
