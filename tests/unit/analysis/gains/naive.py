"""TIDE's oracles, one error after the other, from what `matches` says of each object."""

from __future__ import annotations

import numpy as np

from ea_widgets.core.matching.boxes import pairwise_iou

BOX = ["x", "y", "width", "height"]
LEVELS = np.linspace(0, 1, 101)


def average_precision(points, n_labels):
    """AP of points (sort key, whether right); 0 without labels, None with nothing at all."""
    right = np.array([hit for _, hit in sorted(points)], bool)
    if not n_labels:
        return 0.0 if len(right) else None
    found = np.cumsum(right)
    precision = found / np.arange(1, len(right) + 1)
    highest = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    return highest[np.searchsorted(found / n_labels, LEVELS)].mean() if len(right) else 0.0


class Naive:
    """The errors of a view, and mAP with some of them mended.

    Parameters
    ----------
    view : View
    every : View
        The same of all classes.
    """

    def __init__(self, view, every):
        dataset, matches = view.dataset, every.matches()
        self.classes = view.classes
        counted = matches.predictions["outcome"].isin(["true_positive", "false_positive"])
        self.predictions = dataset.predictions.join(
            matches.predictions.loc[counted, ["outcome", "reason"]], how="inner"
        )
        counted = matches.labels["outcome"] != "ignored"
        self.labels = dataset.labels.join(matches.labels.loc[counted, ["outcome"]], how="inner")
        rows, image = self.predictions.index, self.predictions["image_id"]
        order = np.lexsort((rows, image, -self.predictions["confidence"].to_numpy()))
        self.place = dict(zip(rows[order], range(len(rows)), strict=True))
        self.target, self.best = {}, {}
        for row, one in self.predictions.iterrows():
            if one["reason"] not in ("badly_located", "wrong_class"):
                continue
            self.target[row] = target = self._target(one)
            if self.missed(target):
                rival = self.best.setdefault(target, row)
                self.best[target] = min(row, rival, key=self.place.get)
        self.before = self.mean()

    def missed(self, label):
        return self.labels.loc[label, "outcome"] == "missed"

    def _target(self, one):
        same = self.labels["class_name"] == one["class_name"]
        own = same if one["reason"] == "badly_located" else ~same
        near = self.labels[own & (self.labels["image_id"] == one["image_id"])]
        iou = pairwise_iou([one[BOX].astype(float)], near[BOX])[0]
        among = near.index[iou == iou.max()]
        # Of equal overlaps a missed one; then by class and box, as labels are ordered.
        key = near.loc[among, ["class_name", *BOX]].copy()
        key.insert(0, "taken", [not self.missed(label) for label in among])
        return key.sort_values(list(key), kind="stable").index[0]

    def mean(self, removed=(), found=None, left_out=()):
        """Mean AP over the chosen classes that had labels; `found` maps predictions to labels."""
        found, removed = found or {}, set(removed)
        points = {name: [] for name in self.classes}
        for row, one in self.predictions.iterrows():
            name, hit = one["class_name"], one["outcome"] == "true_positive"
            if row in found:
                name, hit = self.labels.loc[found[row], "class_name"], True
            elif row in removed:
                continue
            if name in points:
                points[name].append((self.place[row], hit))
        had = self.labels["class_name"].value_counts()
        left = self.labels.drop(index=list(left_out))["class_name"].value_counts()
        values = [average_precision(points[name], left[name]) for name in self.classes if had[name]]
        values = [value for value in values if value is not None]
        return np.mean(values) if values else np.nan

    def gain(self, **mending):
        difference = self.mean(**mending) - self.before
        return difference if np.isnan(difference) else max(difference, 0)

    def of_reason(self, reason):
        wrong = self.predictions["reason"] == reason
        rows = self.predictions.index[wrong & self.predictions["class_name"].isin(self.classes)]
        return self.gain(removed=rows, found=self._found(rows))

    def _found(self, rows):
        best = {row: label for label, row in self.best.items()}
        return {row: best[row] for row in rows if row in best}

    def of_missed(self):
        aimed = set(self.target.values())
        chosen = self.labels["class_name"].isin(self.classes)
        rows = self.labels.index[(self.labels["outcome"] == "missed") & chosen]
        return self.gain(left_out=[label for label in rows if label not in aimed])

    def of_renamed(self):
        rows = [
            row
            for row, label in self.target.items()
            if self.predictions.loc[row, "reason"] == "wrong_class"
            and self.missed(label)
            and self.labels.loc[label, "class_name"] in self.classes
        ]
        return self.gain(removed=rows, found=self._found(rows))

    def of_range(self, inside_predictions, inside_labels):
        """Gain of a range, given functions that mark the rows of a frame in it, and its errors."""
        wrong = self.predictions[self.predictions["outcome"] == "false_positive"]
        missed = self.labels[self.labels["outcome"] == "missed"]
        wrong, missed = (frame[frame["class_name"].isin(self.classes)] for frame in (wrong, missed))
        removed, left_out = (
            wrong.index[inside_predictions(wrong)],
            missed.index[inside_labels(missed)],
        )
        return self.gain(removed=removed, left_out=left_out), len(removed) + len(left_out)
