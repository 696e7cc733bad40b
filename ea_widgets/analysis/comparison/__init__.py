"""What is told by comparison: slices with the rest of the data."""

from ea_widgets.analysis.comparison.slice_table import slice_table as slice_table
