"""What is fuzzed: a base, a step that changes it, and a run that accepts or refuses the result."""

from __future__ import annotations

import contextlib
import hashlib
import json
import reprlib
import sqlite3
import warnings
import zlib
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ipywidgets import HTML

import ea_widgets as ea
from ea_widgets.testing.controls import parts_of
from ea_widgets.testing.messages import send_event, send_state
from tests.fuzz import bases, mutate
from tests.fuzz.ask import WrongError, act_on_page, ask, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.random import Generator

ACCEPTED, REFUSED = "accepted", "refused"
Run = "Callable[[Generator, Any, Path], str]"


@dataclass(frozen=True)
class Target:
    """Something that takes data from outside.

    Attributes
    ----------
    weight : int
        How often it is tried, against the others.
    base : callable
        Gives valid data for a generator.
    step : callable
        Changes data; given a generator.
    run : callable
        Given a generator, the data and a folder of its own: "accepted" or "refused". It raises
        what is a finding.
    read : callable, optional
        Reads a folder of such files, for a generator; of readers of files only.
    """

    weight: int
    base: Callable[[Generator], Any]
    step: Callable[[Generator, Any], Any]
    run: Callable[[Generator, Any, Path], str]
    read: Callable[[Path, Generator], ea.Dataset] | None = None


@contextlib.contextmanager
def door() -> Any:
    """Warnings are part of a result at the door."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def through(read: Callable[..., ea.Dataset], rng: Generator, folder: Path) -> str:
    """Read, and ask everything of what is accepted."""
    with door():
        try:
            dataset = read()
        except ea.InvalidInputError as error:
            check_words(error)
            return REFUSED
        ask(rng, dataset, folder)
    return ACCEPTED


def check_words(error: ea.InvalidInputError) -> None:
    """Refuse a refusal that nobody can read."""
    if len(str(error)) > 4_000:
        raise WrongError(f"a refusal of {len(str(error)):,} characters: {str(error)[:300]}")


def written(files: mutate.Files, folder: Path) -> Path:
    """Write files into a folder, beside one that nobody may read."""
    (folder / "outside").mkdir()
    (folder / "outside/secret.png").write_bytes(bases.PICTURES[0])
    inside = folder / "inside"
    inside.mkdir()
    for name, content in files.items():
        path = inside / name
        # A file in the way of a folder, or a name that no file can have: not there, then.
        with contextlib.suppress(OSError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return inside


def of_files(
    read: Callable[[Path, Generator], ea.Dataset],
    base: Callable[[Generator], mutate.Files],
    weight: int = 10,
) -> Target:
    """A reader of files."""

    def run(rng: Generator, files: mutate.Files, folder: Path) -> str:
        inside = written(files, folder)
        return through(lambda: read(inside, rng), rng, folder)

    return Target(weight, base, mutate.change_files, run, read)


def images(rng: Generator, folder: Path, name: str = "images") -> Path | None:
    """Give the folder of images, or now and then none."""
    return folder / name if rng.random() < 0.8 else None


def any_of(*reads: Callable[..., Any]) -> Callable[[Path, Generator], ea.Dataset]:
    """Read with one of several calls."""
    return lambda folder, rng: mutate.pick(rng, reads)(folder, rng)


def coco_in_memory(rng: Generator, given: tuple[Any, Any], folder: Path) -> str:
    """COCO's objects in memory."""
    if any(isinstance(one, (str, bytes)) for one in given):
        return REFUSED  # the path of a file, then: it was named
    how = mutate.pick(rng, [ea.read_coco, ea.read, ea.read_coco, ea.read_lvis])
    problem = mutate.pick(rng, ["report", "report", "report", "raise"])
    return through(lambda: how(*given, on_problem=problem), rng, folder)


def change_pair(rng: Generator, pair: tuple[Any, Any]) -> tuple[Any, Any]:
    """Change one of two values."""
    both = list(pair)
    at = int(rng.integers(2))
    both[at] = mutate.change_value(rng, both[at], in_memory=True)
    return tuple(both)


def black(_image_id: Any) -> np.ndarray:
    """Pixels of any image; not a lambda, which cannot be pickled."""
    return np.zeros((48, 64, 3), np.uint8)


def from_frames(rng: Generator, frames: list[Any], folder: Path) -> str:
    """Frames of pandas, and what is made of them by other libraries."""
    cluster = mutate.pick(rng, [None, None, "video", "image_id", "lacking"])
    kind = rng.integers(8)
    if kind == 0:
        import pyarrow as pa  # noqa: PLC0415

        with contextlib.suppress(Exception):  # pyarrow's own limits
            frames = [pa.table(frame) for frame in frames]
    pixels: Any = black if kind > 3 else None
    return through(
        lambda: ea.Dataset.from_frames(*frames, pixels=pixels, cluster=cluster), rng, folder
    )


@cache
def known_evaluation() -> ea.Evaluation:
    """One evaluation for what is not about data."""
    rng = np.random.default_rng(1)
    frames = [pd.concat([frame] * 1) for frame in bases.frames(rng)]
    return ea.Evaluation(ea.Dataset.from_frames(*frames))


def queries(rng: Generator) -> dict[str, Any]:
    """Arguments of a view's questions."""
    return {
        "iou_threshold": 0.5, "confidence_threshold": 0.1, "classes": ["cat"], "bins": 20,
        "metric": "Size (P)", "low": 0.0, "high": 100.0, "n": 5, "outcome": "true_positive",
        "max_detections": (1, 10, 100), "beta": 1.0, "page": 0, "page_size": 24,
        "kind": "false_positive", "reason": (), "sort": "metric", "isin": None, "order": "display",
        "where": {"metric": "Size", "low": 1.0}, "given": None, "title": "title",
        "iou_type": "bbox", "normalize": None, "slices": {"a": {"metric": "Size", "high": 9.0}},
    }  # fmt: skip


def ask_odd(rng: Generator, given: Any, folder: Path) -> str:
    """Questions with odd arguments."""
    if not isinstance(given, dict):
        return REFUSED
    evaluation = known_evaluation()

    def some(*names: str) -> dict[str, Any]:
        return {name: given[name] for name in names if name in given}

    calls: list[Callable[[], Any]] = [
        lambda: evaluation.at(**some("iou_threshold", "confidence_threshold", "classes")).scores(),
        lambda: evaluation.scores(**some("iou_threshold", "confidence_threshold", "classes")),
        lambda: evaluation.at().curve(given.get("metric"), **some("bins")),
        lambda: evaluation.at().binning(**some("bins")),
        lambda: evaluation.at().worst_ranges(**some("n", "outcome")),
        lambda: evaluation.at().worst_slices(**some("n", "outcome")),
        lambda: evaluation.at().importance(**some("outcome", "given")),
        lambda: evaluation.at().coco_summary(**some("max_detections")),
        lambda: evaluation.at().operating_points(**some("beta")),
        lambda: evaluation.at().objects_in_range(
            **some("metric", "low", "high", "kind", "reason", "sort", "page", "page_size", "isin")
        ),
        lambda: evaluation.at().confusion(**some("normalize", "order")),
        lambda: evaluation.at().sentences(given.get("metric")),
        lambda: evaluation.at().twins(**some("outcome")),
        lambda: evaluation.at().best_min_confidence(**some("metric", "low", "high", "isin")),
        lambda: evaluation.at().grid(given.get("metric"), given.get("metric")),
        lambda: evaluation.at().label_errors(**some("kind")),
        lambda: evaluation.at().per_image(**some("order")),
        lambda: evaluation.at(where=ea.where(**given["where"])).scores(),
        lambda: evaluation.at().what_if([ea.Rule(**some("metric", "low", "high"))]),
        lambda: ea.Evaluation(evaluation.dataset, **some("iou_type", "max_detections")),
        lambda: ea.report(evaluation, folder / "r.html", **some("title", "classes")),
        lambda: ea.explore(evaluation, **some("iou_threshold", "classes", "metric")).close(),
        lambda: evaluation.dataset.subset(given.get("classes")),
    ]
    ended = REFUSED
    for at in rng.permutation(len(calls))[:6]:
        with door():
            try:
                calls[at]()
                ended = ACCEPTED
            except (ea.InvalidInputError, TypeError, KeyError) as error:
                # What Python itself says of a call that is none: an unknown keyword.
                if isinstance(error, ea.InvalidInputError):
                    check_words(error)
                elif not _is_of_the_call(error):
                    raise
    return ended


def _is_of_the_call(error: BaseException) -> bool:
    trace = error.__traceback__
    depth = 0
    while trace is not None:
        depth += 1
        trace = trace.tb_next
    return depth <= 2


def traits(rng: Generator, given: Any, folder: Path) -> str:
    """Odd values for the traits, and odd messages for every control."""
    metric = mutate.pick(rng, [None, "Size (P)", "weather (F)", "taken (F)"])
    page = ea.explore(known_evaluation(), metric=metric)
    ended = REFUSED
    try:
        parts = [page, page.panel, page.detail, page.worst, page.examples, page.what_if]
        for _ in range(6):
            value = mutate.odd_value(rng, in_memory=True)
            part = mutate.pick(rng, parts)
            name = mutate.pick(rng, [*part.choice_names(), "evaluation"])
            try:
                setattr(part, name, value)
                ended = ACCEPTED
            except ea.InvalidInputError as error:
                check_words(error)
            look(page, f"{name} of {type(part).__name__} = {reprlib.repr(value)}")
        # HTML sends nothing: what a browser shows there is up to whoever holds the browser.
        controls = [p.widget for p in parts_of(page) if not isinstance(p.widget, HTML)]
        for _ in range(12):
            control = mutate.pick(rng, controls)
            value = mutate.odd_value(rng)
            told = [n for n in control.keys if not n.startswith("_")] or ["value"]
            name = mutate.pick(rng, [*told, "value", "index", "selected", "children"])
            if name in {"children", "layout", "style", "scales", "marks", "axes", "interaction"}:
                name = "value"
            # traitlets refuses what is of another type; Jupyter logs that and goes on.
            with contextlib.suppress(Exception):
                send_state(control, **{name: value})
            look(page, f"message {type(control).__name__}.{name} = {reprlib.repr(value)}")
            with contextlib.suppress(Exception):
                event = mutate.pick(rng, ["click", "element_click", "hover", "", value])
                send_event(control, event=event, data={"index": value})
            look(page, f"event to {type(control).__name__}: {reprlib.repr(value)}")
    finally:
        page.close()
    return ended


@cache
def summary_bytes() -> bytes:
    """A summary as it is saved."""
    return ea.summarize(known_evaluation()).to_bytes()


def change_summary(rng: Generator, data: bytes) -> bytes:
    """Change the bytes, or header and counts behind a checksum that is right."""
    magic = b"ea_widgets summary\n"
    start = len(magic) + 8
    if rng.random() < 0.2 or not data.startswith(magic):
        return mutate.change_text(rng, data)
    stop = start + int.from_bytes(data[start - 8 : start], "little")
    try:
        header, body = json.loads(data[start:stop]), zlib.decompress(data[stop:-32])
    except (ValueError, RecursionError, zlib.error):
        return mutate.change_text(rng, data)
    kind = rng.integers(5)
    if kind <= 2:
        header = mutate.change_value(rng, header)
    elif kind == 3:
        at = int(rng.integers(len(body) + 1))
        body = body[:at] + rng.bytes(int(rng.integers(1, 9))) + body[at + 8 :]
    else:
        body = mutate.pick(rng, [b"", body[:-8], body[:1_000_000] * 2, b"\0" * 100_000_000])
    try:
        text = json.dumps(header).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError):
        return data
    whole = b"".join([magic, len(text).to_bytes(8, "little"), text, zlib.compress(body, 1)])
    return whole + hashlib.sha256(whole).digest()


def summary(rng: Generator, data: bytes, folder: Path) -> str:
    """A saved summary."""
    file = folder / "a.summary"
    file.write_bytes(data)
    with door():
        try:
            found = ea.load_summary(file)
        except ea.InvalidInputError as error:
            check_words(error)
            return REFUSED
        view = found.at()
        repr(found)
        view.scores()
        view.importance()
        for name in found.metrics.index[:2]:
            view.curve(name)
        (found.class_names and found.at(classes=[found.class_names[0]]).scores())
        if found.to_bytes() != ea.Summary.from_bytes(found.to_bytes()).to_bytes():
            raise WrongError("a summary is another after it was saved")
    return ACCEPTED


RULES = [{"metric": "Size (P)", "low": 1.0, "high": 9.0, "min_confidence": 0.5}]
SLICES = {
    "small": {"metric": "Size", "high": 300.0},
    "both": {
        "both": [{"metric": "Size", "low": 1.0}, {"not": {"metric": "weather", "isin": ["rain"]}}]
    },
}


def change_json_text(rng: Generator, text: bytes) -> bytes:
    """Change JSON as what it is."""
    return mutate.change_file(rng, "a.json", text)


def rule_file(rng: Generator, text: bytes, folder: Path) -> str:
    """Rules as JSON."""
    with door():
        try:
            rules = mutate.pick(rng, [ea.Rule.list_from_json, lambda t: [ea.Rule.from_json(t)]])(
                text
            )
        except ea.InvalidInputError as error:
            check_words(error)
            return REFUSED
        for rule in rules:
            if ea.Rule.from_json(rule.to_json()) != rule:
                raise WrongError(f"{rule!r} is another after it was saved")
        with contextlib.suppress(ea.InvalidInputError):  # metrics that are not known
            known_evaluation().at().what_if(rules)
        with contextlib.suppress(ea.InvalidInputError):
            for rule in rules:
                rule.apply(known_evaluation().dataset.predictions)
    return ACCEPTED


def slice_file(rng: Generator, text: bytes, folder: Path) -> str:
    """Slices as JSON."""
    file = folder / "slices.json"
    file.write_bytes(text)
    with door():
        try:
            found = ea.read_slices(file)
        except ea.InvalidInputError as error:
            check_words(error)
            return REFUSED
        ea.save_slices(found, folder / "again.json")
        if ea.read_slices(folder / "again.json") != found:
            raise WrongError(f"{found!r} is another after it was saved")
        with contextlib.suppress(ea.InvalidInputError):  # metrics that are not known
            known_evaluation().at().slices(found)
            ea.report(known_evaluation(), folder / "r.html", slices=found)
    return ACCEPTED


def cache_file(rng: Generator, steps: bytes, folder: Path) -> str:
    """A cache of metrics that somebody has changed: the values are right, or computed anew."""
    made = written(bases.coco_files(np.random.default_rng(3)), folder)

    def measure() -> pd.DataFrame:
        with door():
            dataset = ea.read_coco(made / "labels.json", made / "results.json", made / "images")
            found = ea.compute_metrics(
                dataset, metrics=["Brightness", "Sharpness"], progress=False, cache=folder / "cache"
            )
        return found.images, found.labels

    first = measure()
    for file in (folder / "cache").rglob("*"):
        if file.is_file() and rng.random() < 0.8:
            data = file.read_bytes()
            if rng.random() < 0.5:
                for _ in range(int(rng.integers(1, 20))):
                    at = int(rng.integers(len(data) + 1))
                    data = data[:at] + rng.bytes(4) + data[at + 4 :]
            else:
                data = mutate.change_text(rng, data)
            file.write_bytes(data)
    if rng.random() < 0.4:
        _tamper(rng, folder / "cache")
    second = measure()
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other)
    return ACCEPTED


def _tamper(rng: Generator, folder: Path) -> None:
    """Change entries through SQLite itself."""
    for file in folder.rglob("*.sqlite*"):
        with contextlib.suppress(sqlite3.Error, UnicodeError), sqlite3.connect(file) as database:
            value = mutate.pick(rng, [None, 1, "text", b"", b"\0" * 16, 1e308])
            column = mutate.pick(rng, ["label", "value", "digest"])
            database.execute(f"UPDATE entries SET {column} = ?", (value,))  # noqa: S608
        database.close()


def pixel_file(rng: Generator, data: bytes, folder: Path) -> str:
    """Image files that are none."""
    (folder / "images").mkdir()
    names = [
        f"{number}.{mutate.pick(rng, ['png', 'jpg', 'tif', 'gif', 'bmp'])}" for number in range(2)
    ]
    for name, content in zip(names, (data, bases.PICTURES[0]), strict=True):
        (folder / "images" / name).write_bytes(content)
    table = pd.DataFrame({"image_id": [0, 1], "width": 64, "height": 48, "file_name": names})
    labels = pd.DataFrame(
        {"image_id": [0, 1], "class_name": "a", "x": 1.0, "y": 1, "width": 9, "height": 9}
    )
    return through(
        lambda: ea.compute_metrics(
            ea.Dataset.from_frames(
                table, labels, labels.assign(confidence=0.5), pixels=folder / "images"
            ),
            progress=False,
        ),
        rng,
        folder,
    )


def picture_base(rng: Generator) -> bytes:
    """A picture in one of many formats."""
    from io import BytesIO  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    file = BytesIO()
    kind = mutate.pick(rng, ["png", "jpeg", "gif", "bmp", "tiff", "webp", "ppm"])
    Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).save(file, kind)
    return file.getvalue()


def change_bytes(rng: Generator, data: bytes) -> bytes:
    """Change bytes near the head, or cut."""
    kind = rng.integers(4)
    if kind == 0:
        return data[: int(rng.integers(len(data) + 1))]
    at = int(rng.integers(min(len(data), 120 if kind < 3 else 100_000) + 1))
    return data[:at] + rng.bytes(int(rng.integers(1, 6))) + data[at + 4 :]


def page(rng: Generator, frames: list[Any], folder: Path) -> str:
    """The page over odd frames."""
    with door():
        try:
            evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames))
        except ea.InvalidInputError as error:
            check_words(error)
            return REFUSED
        act_on_page(rng, evaluation)
    return ACCEPTED


TARGETS: dict[str, Target] = {
    "coco in memory": Target(14, bases.coco, change_pair, coco_in_memory),
    "masks in memory": Target(
        8, partial(bases.coco, masks=True), change_pair, coco_in_memory
    ),
    "coco": of_files(
        any_of(
            lambda f, rng: ea.read_coco(f / "labels.json", f / "results.json", images(rng, f)),
            lambda f, rng: ea.read(f / "labels.json", f / "results.json", images(rng, f)),
        ),
        bases.coco_files, 14,
    ),
    "masks": of_files(
        lambda f, rng: ea.read_coco(f / "labels.json", f / "results.json", images(rng, f)),
        partial(bases.coco_files, masks=True), 8,
    ),
    "lvis": of_files(
        lambda f, rng: ea.read_lvis(f / "labels.json", f / "results.json", images(rng, f)),
        partial(bases.coco_files, lvis=True), 4,
    ),
    "yolo": of_files(
        any_of(
            lambda f, _: ea.read_yolo(f / "data.yaml", f / "found"),
            lambda f, _: ea.read(f / "data.yaml", f / "found"),
            lambda f, rng: ea.read_yolo(f / "labels", f / "found", images(rng, f)),
        ),
        bases.yolo,
    ),
    "voc": of_files(
        any_of(
            lambda f, rng: ea.read_voc(f / "labels", f / "found", images(rng, f)),
            lambda f, rng: ea.read(f / "labels", f / "found", images(rng, f)),
        ),
        bases.voc,
    ),
    "cvat": of_files(
        any_of(
            lambda f, rng: ea.read_cvat(f / "labels.xml", f / "results.json", images(rng, f)),
            lambda f, rng: ea.read(f / "labels.xml", f / "results.json", images(rng, f)),
        ),
        bases.cvat, 8,
    ),
    "open images": of_files(
        any_of(
            lambda f, _: ea.read_open_images(f / "boxes.csv", f / "found.csv", f / "images"),
            lambda f, _: ea.read(f / "boxes.csv", f / "found.csv", f / "images"),
        ),
        bases.open_images, 8,
    ),
    "kitti": of_files(
        any_of(
            lambda f, rng: ea.read_kitti(f / "label_2", f / "results", images(rng, f, "image_2")),
            lambda f, rng: ea.read(f / "label_2", f / "results", images(rng, f, "image_2")),
        ),
        bases.kitti, 8,
    ),
    "label studio": of_files(
        any_of(
            lambda f, rng: ea.read_label_studio(f / "tasks.json", images=images(rng, f)),
            lambda f, rng: ea.read(f / "tasks.json", images=images(rng, f)),
        ),
        bases.label_studio, 8,
    ),
    "frames": Target(24, bases.frames, mutate.change_frames, from_frames),
    "frames with masks": Target(
        6, partial(bases.frames, masks=True), mutate.change_frames, from_frames
    ),
    "arguments": Target(10, queries, mutate.change_value, ask_odd),
    "page": Target(1, bases.frames, mutate.change_frames, page),
    "traits and messages": Target(2, lambda _rng: None, lambda _rng, value: value, traits),
    "summary": Target(8, lambda _rng: summary_bytes(), change_summary, summary),
    "rules": Target(5, lambda _rng: json.dumps(RULES).encode(), change_json_text, rule_file),
    "slices": Target(5, lambda _rng: json.dumps(SLICES).encode(), change_json_text, slice_file),
    "cache": Target(3, lambda _rng: b"", lambda _rng, value: value, cache_file),
    "images": Target(3, picture_base, change_bytes, pixel_file),
}  # fmt: skip


def draw(rng: Generator) -> str:
    """Choose a target by weight."""
    names = list(TARGETS)
    weights = np.array([TARGETS[name].weight for name in names], float)
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]
