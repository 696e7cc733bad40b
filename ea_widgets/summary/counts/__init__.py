"""What is counted of a part, by class, and how it adds up."""

from ea_widgets.summary.counts.class_counts import ClassCounts as ClassCounts
from ea_widgets.summary.counts.clusters import count_clusters as count_clusters
from ea_widgets.summary.counts.counted import Counted as Counted
from ea_widgets.summary.counts.counted import side_counts as side_counts
from ea_widgets.summary.counts.counted_images import CountedImages as CountedImages
from ea_widgets.summary.counts.counting import count_part as count_part
from ea_widgets.summary.counts.hashes import image_hashes as image_hashes
from ea_widgets.summary.counts.sides import sides_of as sides_of
