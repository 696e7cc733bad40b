"""Numpy arrays in, arrays or frozen dataclasses of counts out."""
