"""Thresholds by class as lines of Python for other libraries."""

from __future__ import annotations

LIBRARIES = ("numpy", "supervision", "ultralytics")

_NUMPY = """\
# class_names: in the order of class_id; class_id and confidence: one per prediction
least = np.float32([thresholds.get(name, -np.inf) for name in class_names])
keep = confidence.astype(np.float32) >= least[class_id]
"""

_SUPERVISION = """\
# detections: supervision.Detections with class names
least = np.float32([thresholds.get(name, -np.inf) for name in detections["class_name"]])
detections = detections[detections.confidence.astype(np.float32) >= least]
"""

_ULTRALYTICS = """\
# model: ultralytics.YOLO; it keeps what is above `conf`, whatever the class
least = np.float32([thresholds.get(name, 0) for _, name in sorted(model.names.items())])
results = []
for result in model.predict(source, conf=max(0.99 * float(least.min()), 0.001)):
    boxes = result.boxes.cpu().numpy()
    keep = boxes.conf.astype(np.float32) >= least[boxes.cls.astype(int)]
    results.append(result[np.flatnonzero(keep)])
"""

_LINES = dict(zip(LIBRARIES, (_NUMPY, _SUPERVISION, _ULTRALYTICS), strict=True))


def code_lines(library: str, thresholds: dict[str, float]) -> str:
    """Write lines that keep the predictions from these thresholds on.

    Parameters
    ----------
    library : {"numpy", "supervision", "ultralytics"}
    thresholds : dict of str to float
        By class name; other classes keep all predictions.

    Returns
    -------
    str

    Notes
    -----
    Models compute in 32 bits, and a threshold is the confidence of a prediction: both are
    compared in 32 bits, so that this prediction stays.
    """
    named = "".join(f"    {name!r}: {value!r},\n" for name, value in thresholds.items())
    return f"import numpy as np\n\nthresholds = {{\n{named}}}\n{_LINES[library]}"
