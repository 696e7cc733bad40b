"""Ranges, examples, rules, and what they would change."""
