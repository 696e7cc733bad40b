"""What is counted of a part, by class, and how it adds up."""

from ea_widgets.summary.counts.clusters import count_clusters as count_clusters
from ea_widgets.summary.counts.counted import Counted as Counted
from ea_widgets.summary.counts.counted import nothing as nothing
from ea_widgets.summary.counts.counted import side_counts as side_counts
