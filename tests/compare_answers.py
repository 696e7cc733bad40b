"""Compare every public answer of two versions of the package, number by number.

`python -m tests.compare_answers save FILE [--package FOLDER]` keeps the answers of the package in
that folder (default: this checkout); `... check FILE` asks again and lists what differs by more
than 1e-12. One evaluation answers all questions on a data set, in random order (`--seed`): what
was asked before must change nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import pickle
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
TOLERANCE = 1e-12
IOUS, CONFIDENCES = (0.3, 0.5, 0.75), (0.0, 0.3, 0.5)
SHOWN = 40
"""Most differences listed one by one, of each sort."""


def ours():
    """Import the package when its folder is known."""
    import ea_widgets as ea  # noqa: PLC0415

    return ea


def read(labels, predictions):
    dataset = ours().read_coco(SHARED / labels, SHARED / predictions)
    return ours().compute_metrics(dataset, n_jobs=1, progress=False)


def scene(seed, **shape):
    from tests.parity.scenes import make_scene  # noqa: PLC0415

    dataset = ours().Dataset.from_frames(*make_scene(seed, **shape))
    return ours().compute_metrics(dataset, n_jobs=1, progress=False)


def demo():
    """The demo of this checkout, whichever version of the package reads it."""
    folder = ROOT / "ea_widgets/data/demo/files"
    dataset = ours().read_coco(folder / "labels.json", folder / "half.json")
    return ours().compute_metrics(dataset, n_jobs=1, progress=False)


def larger():
    from tests.benchmarks.generate import Size, generate  # noqa: PLC0415

    return ours().Dataset.from_frames(*generate(Size("20k", 200, 1_465, 20_000, 12)))


COCO100 = "coco100-crowd-masks"
DATA_SETS = {
    "ties": (lambda: scene(1, n_images=60, n_labels=300, n_predictions=900, ignores=True), "bbox"),
    "one image": (lambda: scene(2, n_images=1, n_labels=30, n_predictions=250), "bbox"),
    "no labels": (lambda: scene(3, n_images=5, n_labels=0, n_predictions=40), "bbox"),
    "20k": (larger, "bbox"),
    "demo": (demo, "bbox"),
    **{
        f"coco100 {iou_type}": (
            lambda short=short: read(
                f"{COCO100}/instances_val2014_100.json",
                f"{COCO100}/instances_val2014_fake{short}100_results.json",
            ),
            iou_type,
        )
        for iou_type, short in (("bbox", "bbox"), ("segm", "segm"))
    },
    "mixed12": (
        lambda: read("mixed12-masks/trainval.json", "mixed12-masks/coco_instances_results.json"),
        "segm",
    ),
    "tooth32": (
        lambda: read(
            "tooth32-yolo/derived/gt_coco.json", "tooth32-yolo/derived/yolov8_coco_results.json"
        ),
        "bbox",
    ),
    "voc100": (
        lambda: read(
            "voc100-formats/gts/coco_format_v1/instances_default.json",
            "voc100-formats/dets/coco_format/coco_dets.json",
        ),
        "bbox",
    ),
}


def class_choices(evaluation):
    """All classes, one alone, one off, and two; by name of the choice."""
    names = tuple(evaluation.class_names)
    choices = {"all": (), "first": names[:1], "all but second": names[:1] + names[2:]}
    return choices | {"two": names[-2:]}


def metrics_of(evaluation, level):
    """Displayed names of a few metrics of a level: first, middle and last."""
    names = list(evaluation.metrics.index[evaluation.metrics["level"] == level])
    return [names[at] for at in sorted({0, len(names) // 2, len(names) - 1})] if names else []


def questions(evaluation, at, *, slow):
    """Every question about one choice: (name, call)."""
    ea = ours()
    of_objects = metrics_of(evaluation, "P")
    for name in ("scores", "reasons", *(("matches", "precision_recall") if slow else ())):
        yield name, lambda name=name: getattr(evaluation, name)(**at)
    for outcome in ("true_positive", "missed"):
        side = {**at, "outcome": outcome}
        yield f"importance {outcome}", lambda side=side: evaluation.importance(**side)
        for options in (
            {"correlation": "spearman"},
            {"given": "class"},
            {"include_class": True},
            *([{"settled": True}] if slow else []),
            *([{"method": "mutual_info"}] if slow and not at["classes"] else []),
        ):
            yield (
                f"importance {outcome} {options}",
                lambda side=side, options=options: evaluation.importance(**side, **options),
            )
        for by_class in (False, True) if slow else (False,):
            yield (
                f"worst ranges {outcome} {by_class}",
                lambda side=side, by_class=by_class: evaluation.worst_ranges(
                    **side, by_class=by_class
                ),
            )
        if slow:
            yield (
                f"twins {outcome}",
                lambda o=outcome: evaluation.twins(classes=at["classes"], outcome=o),
            )
            rest = {key: side[key] for key in ("confidence_threshold", "classes", "outcome")}
            yield f"sweep {outcome}", lambda rest=rest: evaluation.importance_sweep(**rest)
    for metric in (*of_objects, *metrics_of(evaluation, "F")):
        for by_class, bins in ((False, 20), (True, 20), (False, 7)):
            yield (
                f"curve {metric} {by_class} {bins}",
                lambda m=metric, b=by_class, n=bins: evaluation.curve(m, **at, by_class=b, bins=n),
            )
        yield f"sentences {metric}", lambda m=metric: evaluation.sentences(m, **at)
        if slow:
            yield (
                f"sentences settled {metric}",
                lambda m=metric: evaluation.sentences(m, **at, settled=True),
            )
    for metric in of_objects:
        values = evaluation.dataset.predictions[metric.removesuffix(" (P)")]
        low, high = (float(end) for end in values.quantile([0.1, 0.4]).fillna(0.0))
        rules = [ea.Rule(metric, low, high, 0.6), ea.Rule(metric, high=low)]
        yield f"what_if {metric}", lambda rules=rules: evaluation.what_if(rules, **at)
        for ends in ((None, high), (low, high)):
            yield (
                f"best_min_confidence {metric} {ends}",
                lambda m=metric, e=ends: evaluation.best_min_confidence(m, *e, **at),
            )
        for sort, falling in (("metric", False), ("confidence", True)):
            yield (
                f"objects {metric} {sort}",
                lambda m=metric, lo=low, hi=high, s=sort, f=falling: evaluation.objects_in_range(
                    m, lo, hi, sort=s, descending=f, page_size=60, **at
                ),
            )


def answers(seed):
    """Yield the place and the plain values of every answer."""
    rng = np.random.default_rng(seed)
    for data, (build, iou_type) in DATA_SETS.items():
        print(data, file=sys.stderr, flush=True)
        dataset = build()
        for side in ("images", "labels", "predictions"):
            yield (
                (data, "", side),
                plain(getattr(dataset, side).drop(columns="segmentation", errors="ignore")),
            )
        evaluation = ours().Evaluation(dataset, iou_type)
        yield (data, "", "metrics"), plain(evaluation.metrics)
        yield (data, "", "coco_summary"), plain(evaluation.coco_summary())
        yield (data, "", "coco_per_class"), plain(evaluation.coco_per_class())
        choices = list(product(IOUS, CONFIDENCES, class_choices(evaluation).items()))
        for number in rng.permutation(len(choices)):
            iou, confidence, (chosen, classes) = choices[number]
            at = {"iou_threshold": iou, "confidence_threshold": confidence, "classes": classes}
            # What takes long is asked at one IoU threshold, with and without a choice.
            slow = iou == IOUS[1] and confidence < CONFIDENCES[2] and chosen != "two"
            place = f"IoU {iou}, confidence {confidence}, classes {chosen}"
            for name, call in questions(evaluation, at, slow=slow):
                yield (data, place, name), plain(call())


def plain(answer):
    """Turn an answer into arrays and texts by their path within it."""
    flat = {}

    def add(path, value):
        if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                add(f"{path}.{field.name}", getattr(value, field.name))
        elif isinstance(value, pd.DataFrame):
            add(f"{path} index", value.index.to_numpy())
            for column in value.columns:
                add(f"{path}[{column}]", value[column])
        elif hasattr(value, "items") and not isinstance(value, pd.Series):
            for key, part in value.items():
                add(f"{path}[{key}]", part)
        elif isinstance(value, (tuple, list)):
            add(f"{path} length", len(value))
            for number, part in enumerate(value):
                add(f"{path}[{number}]", part)
        else:
            flat[path] = as_array(value)

    add("", answer)
    return flat


def as_array(value):
    """Numbers as float64, anything else as text; a column, or a single value."""
    if isinstance(value, pd.Series):
        numeric = pd.api.types.is_numeric_dtype(value.dtype)
        value = value.to_numpy(np.float64, na_value=np.nan) if numeric else value.astype(object)
    found = np.atleast_1d(np.asarray(value))
    if found.dtype.kind in "biuf":
        return found.astype(np.float64)
    return np.array([None if item is None or item is pd.NA else str(item) for item in found])


def differs(before, after):
    """Say how an array differs; empty where it does not."""
    if before.shape != after.shape:
        return f"{len(before):,} values, now {len(after):,}"
    numbers = before.dtype.kind == "f", after.dtype.kind == "f"
    if not all(numbers):
        other = np.flatnonzero(before.astype(object) != after.astype(object))
    else:
        # Both NaN, or the same infinity, or close by the larger scale of 1 and the value.
        with np.errstate(invalid="ignore"):
            gap = np.abs(before - after) / np.maximum(1.0, np.abs(before))
        same = (before == after) | (np.isnan(before) & np.isnan(after)) | (gap <= TOLERANCE)
        other = np.flatnonzero(~same)
    if not len(other):
        return ""
    at = other[0]
    return f"{len(other):,} of {len(before):,}, at {at}: {before[at]!r}, now {after[at]!r}"


def compare(before, after):
    """List the differences of one answer: (sort, path, how)."""
    found = []
    for path, value in before.items():
        if path not in after:
            found.append(("gone", path, "no longer there"))
            continue
        how = differs(value, after[path])
        if how:
            both = value.dtype.kind == "f" == after[path].dtype.kind
            found.append(("number" if both else "text", path, how))
    return found


def check(file, seed, tolerated):
    """Print every difference; True where no number differs and none is gone."""
    with Path(file).open("rb") as stream:
        kept = pickle.load(stream)  # noqa: S301  # our own file
    kept = {place: answer for place, answer in kept.items() if place[0] in DATA_SETS}
    sorts = {sort: {True: [], False: []} for sort in ("number", "gone", "text")}
    seen = set()
    for place, now in answers(seed):
        seen.add(place)
        for sort, path, how in compare(kept.get(place, {}), now):
            choice = bool(place[1]) and not place[1].endswith("confidence 0.0, classes all")
            sorts[sort][choice].append(f"{' | '.join(place)} | {path}: {how}")
    unasked = [place for place in kept if place not in seen]
    values = sum(value.size for answer in kept.values() for value in answer.values())
    print(f"{len(kept):,} answers, {values:,} values, tolerance {TOLERANCE}")
    print(f"{len(unasked)} answers were not asked again: {unasked[:3]}")
    for sort, found in sorts.items():
        for under_choice, lines in found.items():
            where = "under a choice of class or confidence" if under_choice else "on everything"
            print(f"{sort}, {where}: {len(lines):,} differences")
            print("".join(f"  {line}\n" for line in lines[:SHOWN]), end="")
    failed = [sort for sort in ("number", "gone", "text") if any(sorts[sort].values())]
    return not unasked and not set(failed) - set(tolerated)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.compare_answers", description=__doc__)
    parser.add_argument("action", choices=["save", "check"])
    parser.add_argument("file")
    parser.add_argument("--package", default=str(ROOT), help="folder that holds ea_widgets/")
    parser.add_argument("--seed", type=int, default=0, help="order of the questions")
    parser.add_argument("--only", help="data sets, by comma")
    parser.add_argument("--tolerate", nargs="*", default=[], choices=["text", "gone"])
    given = parser.parse_args()
    sys.path.insert(0, given.package)
    print(f"answers of {ours().__file__}", file=sys.stderr)
    if given.only:
        for name in set(DATA_SETS) - set(given.only.split(",")):
            del DATA_SETS[name]
    if given.action == "save":
        with Path(given.file).open("wb") as stream:
            pickle.dump(dict(answers(given.seed)), stream)
        return 0
    return 0 if check(given.file, given.seed, given.tolerate) else 1


if __name__ == "__main__":
    sys.exit(main())
