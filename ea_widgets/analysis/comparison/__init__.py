"""Models on the same labels: what changed, and whether it is real."""
