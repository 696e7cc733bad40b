"""Bins, importance, intervals and null distributions, on arrays of counts."""
