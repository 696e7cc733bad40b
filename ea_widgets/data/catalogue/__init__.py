"""What is known of metrics: their names, units and descriptions, built in or registered."""

from ea_widgets.data.catalogue.built_in import BUILT_IN as BUILT_IN
from ea_widgets.data.catalogue.built_in import MetricSpec as MetricSpec
from ea_widgets.data.catalogue.built_in import check_metric_name as check_metric_name
from ea_widgets.data.catalogue.built_in import check_version as check_version
from ea_widgets.data.catalogue.names import LEVEL_OF as LEVEL_OF
from ea_widgets.data.catalogue.names import LEVEL_WORDS as LEVEL_WORDS
from ea_widgets.data.catalogue.names import LEVELS as LEVELS
from ea_widgets.data.catalogue.names import MetricName as MetricName
from ea_widgets.data.catalogue.registry import describe as describe
from ea_widgets.data.catalogue.registry import find_metric as find_metric
from ea_widgets.data.catalogue.registry import known_metrics as known_metrics
from ea_widgets.data.catalogue.registry import made_from_labels as made_from_labels
