"""Counts that add up over any parts of the data, and answer what an evaluation would."""
