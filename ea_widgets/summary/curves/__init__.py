"""Curves of the rates, from counts per bin."""
