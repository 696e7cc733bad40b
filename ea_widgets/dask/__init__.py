"""Summaries made where the data are, on any Dask cluster: ``ea.dask.summarize``."""

from ea_widgets.dask.client import connected as connected
from ea_widgets.dask.summarize import summarize as summarize
