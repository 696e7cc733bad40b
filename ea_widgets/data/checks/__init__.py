"""Checks of what comes in, and what is said about it."""
