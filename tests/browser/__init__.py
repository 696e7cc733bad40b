"""Tests that act in a real JupyterLab page. A package, so that its browser ends with it."""
