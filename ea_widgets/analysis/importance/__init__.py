"""How strongly each metric and the outcome depend on each other."""
