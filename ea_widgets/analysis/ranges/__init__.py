"""Ranges of metrics that hold more errors than average: found, judged and put into words."""
