"""What objects and the reasons of errors are called, on the page and in the report."""

KIND_WORDS = {"true_positive": "right", "false_positive": "wrong", "missed": "missed"}
"""What each kind of object is called."""

REASON_WORDS = {
    "wrong_class": "wrong class",
    "badly_located": "badly located",
    "wrong_class_and_badly_located": "wrong class, badly located",
    "duplicate": "duplicate",
    "background": "background",
    "missed": "not detected",
}
"""Why a prediction is wrong, or a label missed."""

MISSED_WRONG_CLASS = "detected as another class"
"""What the reason "wrong_class" of a missed label is called."""
