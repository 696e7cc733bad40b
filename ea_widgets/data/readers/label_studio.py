"""Label Studio's JSON export: tasks with annotations and predictions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.raw_frames import TURNED, TURNED_REMEDY, Fault, RawFrames
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.checks.values import as_id, as_number, is_missing
from ea_widgets.data.readers.opening import describe
from ea_widgets.data.readers.parsing.attributes import RESERVED, add_attributes
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
_REGIONS = frozenset({"rectanglelabels", "rectangle", "polygonlabels", "polygon"})
_SCALARS = frozenset({"choices", "number", "rating", "textarea", "datetime", "labels"})
_REMEDY = (
    "Export the project as JSON (not JSON-MIN): a list of tasks with 'data' and 'annotations'."
)


class LabelStudioReader:
    """Reads JSON exports of Label Studio."""

    def recognises(self, given: Given) -> bool:
        """Tell whether there are tasks: objects with ``data`` and lists of results."""
        if given.path is None:
            content = given.content
            first = content[0] if isinstance(content, list | tuple) and content else content
            return isinstance(first, dict) and "data" in first and _has_results(first)
        head = given.head
        return (
            head[:1] in {b"[", b"{"}
            and b'"data"' in head
            and (b'"result"' in head or b'"total_annotations"' in head)
        )

    def read_labels(self, given: Given) -> RawFrames:
        """Read tasks as images, and the regions of one annotation of each."""
        tasks = _tasks(given)
        regions = _Regions("labels")
        rows = []
        n_several = n_skipped = 0
        for place, task in enumerate(tasks):
            every = _dicts(task.get("annotations", task.get("completions")))
            done = [one for one in every if not one.get("was_cancelled")]
            n_skipped += len(every) - len(done)
            n_several += len(done) > 1
            done.sort(key=lambda one: not one.get("ground_truth"))  # stable
            row = _Image.of(task, place)
            if done:
                by = done[0].get("completed_by")
                by = by.get("email", by.get("id")) if isinstance(by, dict) else by
                further = {} if not isinstance(by, str | int) else {"annotator": str(by)}
                regions.add(row, done[0].get("result"), further)
            rows.append(row)
        notes = regions.notes()
        n_odd = len(given.json) - len(tasks) if isinstance(given.json, list | tuple) else 0
        if n_odd:
            notes.append(f"{n_odd:,} tasks have no data or no annotations; left out.")
        if n_several:
            notes.append(
                f"{n_several:,} tasks have several annotations: of each, the ground truth was "
                "taken, else the first."
            )
        if n_skipped:
            notes.append(f"{n_skipped:,} skipped (cancelled) annotations are left out.")
        for row, task in zip(rows, tasks, strict=True):
            if row.width is None:
                _look_for_size(row, task)
        frame = pd.DataFrame(
            {
                name: pd.Series([getattr(row, name) for row in rows], dtype=object)
                for name in ("image_id", "file_name", "width", "height")
            }
        )
        return RawFrames(
            images=add_attributes(frame, [row.further for row in rows], RESERVED),
            labels=regions.frame("label_id"),
            boxes="xywhn",
            polygons_are_shares=True,
            notes=notes,
            faults=regions.faults(),
            sources={"labels": Source("labels", "labels.result")},
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read the regions of the tasks' predictions, with scores."""
        tasks = _tasks(given)
        version = (given.options or {}).get("model_version")
        every = [(task, one) for task in tasks for one in _dicts(task.get("predictions"))]
        _check_versions(given, [one.get("model_version") for _, one in every], version)
        if not every:
            raise InvalidInputError(
                given.field,
                "has no predictions in its tasks",
                "Export the tasks with predictions, or give predictions in another format.",
            )
        regions = _Regions("predictions")
        place_of = {id(task): place for place, task in enumerate(tasks)}
        images = [_Image.of(task, place) for place, task in enumerate(tasks)]
        for task, one in every:
            if version is None or one.get("model_version") == version:
                image = images[place_of[id(task)]]
                regions.add(image, one.get("result"), {"confidence": one.get("score")})
        frame = regions.frame("prediction_id")
        if "confidence" not in frame:
            frame["confidence"] = pd.Series([None] * len(frame), dtype=object)
        return RawFrames(
            images=pd.DataFrame(
                {
                    "image_id": [image.image_id for image in images],
                    "file_name": [image.file_name for image in images],
                }
            ),
            predictions=frame,
            boxes="xywhn",
            polygons_are_shares=True,
            notes=regions.notes(),
            faults=regions.faults(),
            sources={"predictions": Source("predictions", "predictions.result")},
        )


def _has_results(task: dict[str, Any]) -> bool:
    return any(name in task for name in ("annotations", "completions", "predictions"))


def _dicts(entries: Any) -> list[dict[str, Any]]:
    """Give the objects of a list; exports without predictions list their numbers instead."""
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _tasks(given: Given) -> list[dict[str, Any]]:
    content = given.json
    entries = list(content) if isinstance(content, list | tuple) else [content]
    tasks = [
        one
        for one in entries
        if isinstance(one, dict) and isinstance(one.get("data"), dict) and _has_results(one)
    ]
    if not tasks or 2 * len(tasks) < len(entries):
        raise InvalidInputError(
            given.field, f"{describe(given)}, which is not Label Studio's export", _REMEDY
        )
    return tasks


def _check_versions(given: Given, versions: list[Any], chosen: Any) -> None:
    known = list(dict.fromkeys(str(one) for one in versions if not is_missing(one)))
    if chosen is not None and known and chosen not in known:
        raise unknown_option("model_version", str(chosen), tuple(known))
    if chosen is None and len(known) > 1:
        raise InvalidInputError(
            given.field,
            f"has predictions of {len(known):,} models: {', '.join(map(repr, known[:5]))}",
            f"Choose one: `model_version={known[0]!r}`.",
        )


def _look_for_size(image: _Image, task: dict[str, Any]) -> None:
    """Take the size of an image without a label from what else was said of it."""
    for one in (*_dicts(task.get("annotations")), *_dicts(task.get("predictions"))):
        for result in _dicts(one.get("result")):
            image.take_size(result)


@dataclass
class _Image:
    """A task."""

    image_id: Any
    file_name: str | None
    further: dict[str, Any]
    width: float | None = None
    height: float | None = None

    @classmethod
    def of(cls, task: dict[str, Any], place: int) -> _Image:
        """Read a task's id, and its data: the image, and further fields."""
        data = {str(name): value for name, value in task["data"].items()}
        texts = [name for name, value in data.items() if isinstance(value, str)]
        named = [name for name in texts if _is_image(data[name])]
        key = next(iter(["image"] * ("image" in texts) + named + texts), None)
        further = {
            name: value
            for name, value in data.items()
            if name != key and isinstance(value, str | int | float)
        }
        image_id = as_id(task.get("id"))
        return cls(place if image_id is None else image_id, data.get(key or ""), further)

    def take_size(self, result: dict[str, Any]) -> None:
        """Take the size of the image from a result, if it is not known."""
        width, height = (as_number(result.get(f"original_{side}")) for side in ("width", "height"))
        if self.width is None and width and height and width > 0 and height > 0:
            self.width, self.height = width, height


def _is_image(text: str) -> bool:
    return text.lower().partition("?")[0].endswith(_IMAGE_SUFFIXES) or "?d=" in text


@dataclass
class _Regions:
    """Rectangles and polygons of all tasks, and what is odd among them."""

    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    further: list[dict[str, Any]] = field(default_factory=list)
    turned: list[tuple[int, str, Any]] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)

    def add(self, image: _Image, results: Any, further: dict[str, Any]) -> None:
        """Add the regions of one annotation; what belongs to none describes the image."""
        entries = _dicts(results)
        place_of: dict[Any, int] = {}
        for result in entries:
            image.take_size(result)
            kind = result.get("type")
            if kind in _REGIONS:
                id_ = as_id(result.get("id"))
                place_of[id_] = len(self.rows)
                self._add_region(image, result, id_, further)
            elif kind not in _SCALARS:
                self.other[str(kind)[:40]] += 1
        for result in entries:
            if result.get("type") in _SCALARS:
                row = place_of.get(as_id(result.get("id")))
                value = _scalar(result)
                if result["type"] == "labels":
                    if row is not None and self.rows[row]["class_name"] is None:
                        self.rows[row]["class_name"] = value
                    continue
                name = str(result.get("from_name") or result["type"])[:100]
                (image.further if row is None else self.further[row])[name] = value

    def _add_region(
        self, image: _Image, result: dict[str, Any], id_: Any, further: dict[str, Any]
    ) -> None:
        value = result.get("value")
        value = value if isinstance(value, dict) else {}
        row: dict[str, Any] = {"image_id": image.image_id, "id": id_, **further}
        names = value.get(str(result["type"]))
        names = [one for one in names if isinstance(one, str)] if isinstance(names, list) else []
        row["class_name"] = names[0] if names else None
        own = [one for one in (result.get("score"), value.get("score")) if one is not None]
        if "confidence" in further and own:
            row["confidence"] = own[0]
        for where, angle in (("rotation", value), ("image_rotation", result)):
            if angle.get(where) and as_number(angle[where]) != 0.0:
                self.turned.append((len(self.rows), where, angle[where]))
        if str(result["type"]).startswith("rectangle"):
            box = [as_number(value.get(name)) for name in BOX]
            row |= dict(zip(BOX, (np.array(box, dtype=np.float64) / 100).tolist(), strict=True))
        else:
            points = _points(value.get("points"))
            row |= dict(zip(BOX, _around(points), strict=True))
            row["segmentation"] = [points.ravel().tolist()] if len(points) else None
        self.rows.append(row)
        origin = result.get("origin")
        self.further.append({} if not isinstance(origin, str) else {"origin": origin})
        if len(names) > 1:
            self.further[-1]["further labels"] = ", ".join(names[1:])

    def frame(self, id_column: str) -> pd.DataFrame:
        """Give the regions as a table; ids where each is one of its own."""
        columns = dict.fromkeys(["image_id", "class_name", *BOX])
        columns |= dict.fromkeys(name for row in self.rows for name in row)
        frame = pd.DataFrame(
            {
                name: pd.Series([row.get(name) for row in self.rows], dtype=object)
                for name in columns
            }
        )
        if "id" in frame and frame["id"].notna().all() and frame["id"].is_unique:
            frame = frame.rename(columns={"id": id_column})
        else:
            frame = frame.drop(columns=["id"], errors="ignore")
        return add_attributes(frame, self.further, RESERVED)

    def faults(self) -> list[Fault]:
        """List the regions that are turned."""
        found = []
        for name in ("rotation", "image_rotation"):
            turned = [(row, value) for row, where, value in self.turned if where == name]
            if turned:
                rows, values = zip(*turned, strict=True)
                found.append(Fault(self.name, name, rows, values, TURNED, TURNED_REMEDY))
        return found

    def notes(self) -> list[str]:
        """Say which results were left out."""
        if not self.other:
            return []
        counted = ", ".join(f"{n:,} of type {kind!r}" for kind, n in sorted(self.other.items()))
        return [f"Results that are no rectangles or polygons are left out: {counted}."]


def _points(points: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give points of a polygon as shares of the image; none if they are no pairs of numbers."""
    try:
        pairs = np.array(points, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return np.zeros((0, 2))
    return pairs / 100 if pairs.ndim == 2 and pairs.shape[1] == 2 else np.zeros((0, 2))


def _around(points: np.ndarray[Any, Any]) -> list[float]:
    if not len(points):
        return [float("nan")] * 4
    low, high = points.min(axis=0), points.max(axis=0)
    return [*low.tolist(), *(high - low).tolist()]


def _scalar(result: dict[str, Any]) -> Any:
    """Give what a control says: one scalar, several joined."""
    value = result.get("value")
    key = "text" if result["type"] == "textarea" else result["type"]
    said = value.get(key) if isinstance(value, dict) else None
    if isinstance(said, list):
        said = ", ".join(str(one)[:200] for one in said if isinstance(one, str | int | float))
    return said if isinstance(said, str | int | float) else None
