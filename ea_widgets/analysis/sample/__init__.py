"""The rows that a question is about, with their outcomes, bins and counts."""
