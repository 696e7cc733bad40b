"""Objects in frames of differing difficulty, with metrics of known importance."""

from __future__ import annotations

import numpy as np
import pandas as pd

import ea_widgets as ea
from ea_widgets.analysis.sample.object_table import build_metric_table
from ea_widgets.analysis.sample.sample import Sample
from ea_widgets.analysis.sample.selection import Selection


def objects_in_frames(seed, n_frames=400, per_frame=20, *, vary=False):
    """Frame of each object and the difficulty of each frame; sizes vary after Poisson if asked."""
    rng = np.random.default_rng(seed)
    sizes = rng.poisson(per_frame - 1, n_frames) + 1 if vary else np.full(n_frames, per_frame)
    return rng, np.repeat(np.arange(n_frames), sizes), rng.normal(size=n_frames)


def correlated_metric(rng, frame, share):
    """Normal metric of objects, with that share of its variance between frames."""
    between = rng.normal(size=frame.max() + 1)[frame]
    return np.sqrt(share) * between + np.sqrt(1 - share) * rng.normal(size=len(frame))


def outcomes(rng, logit):
    return rng.random(len(logit)) < 1 / (1 + np.exp(-logit))


def selection_of(frame, image_metrics=None, object_metrics=None, cluster_of_image=None):
    """All rows of a side with these metrics; images are numbered by frame."""
    images = pd.DataFrame(image_metrics or {}, index=range(int(frame.max()) + 1))
    objects = pd.DataFrame(object_metrics or {}, index=range(len(frame)))
    side = build_metric_table(
        np.zeros(len(frame), np.intp),
        np.asarray(frame, np.intp),
        images,
        np.arange(len(images)),
        objects,
        np.arange(len(objects)),
        "P",
        cluster_of_image=cluster_of_image,
    )
    return Selection(side, np.arange(len(frame)))


NOTHING = np.zeros(0, np.intp)


def sample_of(selection, hit):
    """All rows of a selection count, and have the outcome where `hit` says so."""
    hits = np.flatnonzero(hit)
    return Sample(
        selection, hits, NOTHING, np.ones(len(hits)), missed=False, source_row=selection.rows
    )


def evaluation_of(frame, hit, class_code=None, image_metrics=None, object_metrics=None, video=None):
    """Evaluation whose predictions are true positives exactly where `hit` says so."""
    n_frames, n = int(frame.max()) + 1, len(frame)
    class_code = np.zeros(n, np.intp) if class_code is None else class_code
    place = np.arange(n) - np.searchsorted(frame, frame)
    images = pd.DataFrame({"image_id": np.arange(n_frames), "width": 4000, "height": 100})
    predictions = pd.DataFrame(
        {
            "image_id": frame,
            "class_name": [f"class {code:02d}" for code in class_code],
            "x": 20.0 * place,
            "y": 5.0,
            "width": 10.0,
            "height": 10.0,
        }
    )
    labels = predictions[hit].reset_index(drop=True)
    predictions["confidence"] = np.random.default_rng(0).random(n)
    images = images.assign(**(image_metrics or {}))
    if video is not None:
        images["video"] = [f"video {code:03d}" for code in video]
    dataset = ea.Dataset.from_frames(
        images,
        labels,
        predictions.assign(**(object_metrics or {})),
        cluster=None if video is None else "video",
    )
    return ea.Evaluation(dataset)
