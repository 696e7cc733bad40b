"""Image files: where they are, how they are decoded and drawn."""
