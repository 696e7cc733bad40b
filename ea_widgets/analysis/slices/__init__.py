"""Conditions on metrics, and the parts of the data that they cut out."""
