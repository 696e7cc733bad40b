"""Sentences and hints on the page, in one place: to be read aloud, and to be said once.

What stays where it is made: the two or three words on a control itself, sentences that are put
together around numbers, and errors, which stand beside the check that raises them. Sentences on
data are those of ``analysis``. Braces are for names of metrics.
"""

# The panels: ranking, curves, ranges, classes, what to do

HELD_OUT = "Chosen on four fifths of the images and judged on the fifth, five times"
NO_RULE_FINDS = (
    "No threshold finds what the detector does not see. Missed objects need a larger input, or "
    "more such images in training."
)
MAP_HINT = "Mean average precision at this IoU"
MAR_HINT = "Mean recall at this IoU"
F1_HINT = "Harmonic mean of precision and recall"
ON_ITS_OWN = "on its own"
CLICK_A_BAR = "click a bar, or choose one here"
ONE_FOR_ALL = (
    "Each class has its own threshold, and the slider moves all of them together. Click to use "
    "one for all"
)
IOU_HINT = "Smallest overlap that counts as a match"
CONFIDENCE_HINT = "Predictions below this are left out"
OPTIONS_HINT = "What is ranked and listed, and how"
METRIC_HINT = "The metric looked at"
GIVEN_HINT = "What the metrics say beyond this one"
CLASS_TOO_HINT = "Rank the class among the metrics"
BEST_F1_HINT = "The confidence of the highest F1, one for all classes"
EVERYTHING_HINT = "Leave nothing out"
WHAT_DRIVES_FALSE_POSITIVES = "What separates right from wrong predictions"
WHAT_DRIVES_MISSED = "What separates missed from found objects"
PER_CLASS = "Per class: AP, recall, precision-recall curves, FROC"
INTERPOLATED = "interpolated as COCO does; the area below is AP"
AP_OF_CLASSES = "Average precision <span>(AP) of each class; a click picks the class</span>"
AR_OF_CLASSES = "Average recall <span>(AR) of each class</span>"
FROC_MEAN = "FROC; mean: of the recall at the seven marks"
CLASS_ORDER_HINT = "Order of the classes"
NO_LABELS_OF_CLASSES = "no labels of these classes"
CHOOSE_A_METRIC = "choose a metric"
NO_CURVES_YET = "Click a bar, or choose a metric here, to see how performance changes with it."
RATES = ("True positive rate (precision)", "False negative rate")
ONLY_OF_THE_OTHER = (
    "{} is known for labels only, so there is no true positive rate by it.",
    "{} is known for predictions only, so there is no false negative rate by it.",
)
HOW_TO_READ = "How to read"
NO_PICTURE_BY_CLASS = "By class there is no picture to save; CSV has the numbers."
NO_VALUE = "Nothing of the chosen classes has a value of {} here."
RATES_DO_NOT_ADD_UP = (
    "The two rates are over different things, predictions and objects, so they do not add up to 1."
)
EQUAL_COUNTS = "Equal counts: equally many objects have equal room."
CLICK_A_POINT = "Click a point to select its range."
CLICK_A_CATEGORY = "Click a bar to select its category, again to leave it out."
CHART_SETTINGS_HINT = "Bins, axis, intervals and zoom"
RANK_HINT = "Equally many objects have equal room"
LINEAR_HINT = "The values as they are"
LOG_HINT = "Logarithms of the values"
IMPORTANCE_AXIS = "share of the outcome explained, 0 to 1"
IMPORTANCE_IN_SHORT = "importance (0 to 1)"
BARS_SHOW = (
    "Lines: 95 % intervals, from resampling whole images. Orange tick: noise level. "
    "Pale: not significant."
)
RANKED_BY = {
    "true_positive": (
        "what separates right from wrong predictions",
        "direction, from -1 to 1",
        "above 0: fewer errors where the metric is high",
        "fewer errors if high",
    ),
    "missed": (
        "what separates missed from found objects",
        "direction, from -1 to 1",
        "above 0: more errors where the metric is high",
        "more errors if high",
    ),
}
COMPUTING = "Computing confidence intervals …"
OVER_ALL = "at this IoU, of predictions of any confidence"
TP_HINT = "True positives: predictions that found an object"
FP_HINT = "False positives: predictions that found none"
FN_HINT = "False negatives: objects that no prediction found"
IMPORTANCE_BY_IOU = "Importance by IoU threshold"
NO_METRICS = "There are no metrics."
RULE_NEEDS_A_METRIC = (
    "Choose a metric and a range of it to try a rule: drop the unsure predictions there."
)
RULE_NEEDS_A_RANGE = "Choose a range of {} to try a rule: drop the unsure predictions there."
RULE_NEEDS_PREDICTIONS = (
    "A rule drops predictions, and {} is known for labels only. Choose a metric of "
    "predictions (P) or images (F)."
)
RULE_DROPS_NOTHING = "No predictions of the chosen classes have {}, so a rule there drops nothing."
RULE_CONFIDENCE_HINT = "Predictions of the range below this are dropped"
RULE_BEST_HINT = "Find the confidence that gives the highest F1"
RULE_ADD_HINT = "Put it on the list, and try another"
RULES_JSON = "The rules as JSON"
RULES_PANDAS = "The rules as pandas"
USE_THRESHOLD_HINT = "Leave out predictions below it, in all classes"
PANDAS_HINT = "as pandas, for a frame that has the metric"
RANGE_ORDER_HINT = "Order of the ranges"
RANGE_HINT = "Look at the objects of this range"
FALSE_POSITIVES_HINT = "Where false positives concentrate"
MISSED_HINT = "Where missed objects concentrate"

# Charts

NO_LOG_OF_DATES = "Dates have no log axis, so this one is linear."
LOG_NEEDS_POSITIVE = "A log axis needs values above 0, so this one is linear."
PRECISION_BY_RECALL = "Precision by recall"
RECALL_BY_FALSE_POSITIVES = "Recall by false positives per image"

# Controls

CATEGORY_HINT = "Type or pick a category to look at"
ALL_HINT = "Tick every class that the search shows"
NONE_HINT = "Untick every class that the search shows: without a tick, all classes count"
NO_CLASS_FOUND = "No class has that in its name."
SEARCH_HINT = "Shows only the classes whose name holds this text"
CLASS_LIST_HINT = "Show or hide the list of classes"
PNG_HINT = "Save the charts as pictures"
SVG_HINT = "Save the charts as drawings"
SAVE_HINT = "Save what the menu says"
LOW_HINT = "Lowest value looked at"
HIGH_HINT = "Highest value looked at"
DRAG_HINT = "Drag over a chart to select a range; without it, a click selects one bin"
CLEAR_HINT = "Choose no range"
FILTER_HINT = "Narrow all numbers on the page to the objects in the range"
ZOOM_IN = "Zoom in"
ZOOM_OUT = "Zoom out"
LEFT_HINT = "Look further left"
RIGHT_HINT = "Look further right"
ZOOM_TO_HINT = "Zoom to the chosen range"
ZOOM_RESET_HINT = "Show the whole axis"
ZOOM_MOUSE_HINT = "Drag a chart to move along it, turn the wheel over it to zoom"

# Examples

EXAMPLES_NEED_A_METRIC = "Choose a metric and a range of it to see the objects behind the numbers."
EXAMPLES_NEED_A_RANGE = "Choose a range of {} to see the objects in it."
NO_PIXELS = "The data set has no images, so the objects are listed in words."
KEPT_EXAMPLES = (
    "Examples that the summary keeps, a few hundred of each bin, taken by chance: "
    "the counts here are of these."
)
NO_FOLDER = "For pictures give the folder of the images: ea.explore(summary, pixels=...)."
NO_OBJECTS = "No objects of the chosen classes and of this kind here."
PAGE_BEFORE = "The page before"
PAGE_NEXT = "The next page"
SORT_HINT = "Reason, order, pictures or table"
REASON_HINT = "Only wrong or missed objects with this reason"
WHOLE_HINT = "Show the whole image"
WHOLE_CLOSE = "Close the whole image"
OBJECT_BEFORE = "The object before"
OBJECT_NEXT = "The next object"

# Pages of counts

AP_FROM_BINS = (
    "AP of classes with 5,000 predictions or more is from counts in 2,048 bins of confidence."
)
AP_EXACT = "AP is exact: each confidence was kept."
UNANSWERED = "What only the data themselves can answer"
