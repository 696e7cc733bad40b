"""Intervals and noise floors from counts in random groups of clusters."""
