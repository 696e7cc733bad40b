"""Metrics ranked by what they tell about an outcome, and the finer bins of some."""
