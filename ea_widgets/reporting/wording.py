"""Headings and sentences of the report, in one place: to be read aloud, and to be said once.

Sentences on data are those of ``analysis``, and what is put together around numbers stands where
the numbers are.
"""

WHAT_CHANGED = "What changed"
TITLE = "What drives the detector's performance"
SUREST_ARE = (
    "Predictions on background or with another class than the label, those first that the "
    "model is surest of. Look here for errors of the labels."
)
FALSE_POSITIVES = "False positives"
MISSED_OBJECTS = "Missed objects"
WHERE_ERRORS_CONCENTRATE = "Where errors concentrate"
CONCENTRATIONS = (
    "Ranges of metrics that hold the most errors above average, each named once although "
    "several metrics may show it."
)
SUREST_MISTAKES = "The surest mistakes"
WHAT_DRIVES_FALSE_POSITIVES = "What separates right from wrong predictions"
WHAT_DRIVES_MISSED = "What separates missed from found objects"
WHICH_PROPERTIES = "Which properties matter"
IMPORTANCE_IS = (
    "Metric importance from 0, the metric tells nothing of the outcome, to 1, it tells all "
    "of it; with 95\N{NO-BREAK SPACE}% intervals. "
)
NOISE_KEY = (
    "reach of pure noise. Each half has its own scale. (P) describes predictions, (O) "
    "labels, (F) images."
)
HOW_IT_CHANGES = "How performance changes with them"
POINTS_ARE = (
    "Each point is a group of about equally many objects; the numbers under the axis are "
    "where these groups end. Shaded: 95 % interval. Hollow: fewer than 20 objects. "
    "Categories have a bar each, with its interval."
)
NO_METRICS = "There are no metrics: ea.compute_metrics adds them."
TRUE_POSITIVE_RATE = "True positive rate (precision)"
FALSE_NEGATIVE_RATE = "False negative rate"
MEANINGS = {
    "mAP, mAR": (
        "Mean over the classes of average precision (101 recall levels) and of recall, at the IoU "
        "above. Predictions are matched to labels as COCO does."
    ),
    "True positive rate (precision)": (
        "Of the predictions there, the share that found a label: TP / (TP + FP)."
    ),
    "False negative rate": (
        "Of the labels there, the share that no prediction found: FN / labels. It is over labels, "
        "the other over predictions, so the two do not add up to 100 %."
    ),
    "Metric importance": (
        "How much of the outcome the metric tells, from 0 (nothing) to 1 (all): the uncertainty "
        "coefficient of Theil, corrected for the number of bins. The line on a bar is its 95 % "
        "interval over images; the dotted tick is what a metric of pure noise reaches in 5 % of "
        "such data sets. Grey bars are not told from noise."
    ),
    "More than at the average rate": (
        "Errors in the range, minus those it would hold if its rate were the average one. Ranges "
        "are named only where that is more than chance gives the largest of all ranges tried."
    ),
    "Reasons of false positives": (
        "After TIDE: wrong class; badly located (some overlap with a label of its class, too "
        "little); both; duplicate (its label is found already); background."
    ),
}
THRESHOLD_BY_CLASS = "a confidence threshold for each class"
COCO_REFERENCE = "COCO's own numbers, as a reference:"
CLASSES = "Classes, the worst first"
WHAT_NUMBERS_MEAN = "What the numbers mean"
ABOUT_THE_DATA = "About the data"
NOT_LIVE = "This page is not live: run the cell to make it so. What it last showed:"
METRIC_IMPORTANCE = "Metric importance"
FROM_COUNTS = (
    "Made from counts, without the data: exact at the thresholds counted. Why predictions are "
    "wrong and what to do can be told of the data only: ask an ea.Evaluation of those parts that "
    "matter."
)
