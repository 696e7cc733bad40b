"""Adapters: objects of other libraries in memory, known by their attributes, never imported."""
