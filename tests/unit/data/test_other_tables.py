"""Tables of other libraries: the real ones where they are installed, else their recorded shapes."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

import ea_widgets as ea


def frames():
    images = pd.DataFrame({"image_id": [1, 2], "width": 64, "height": 48, "file_name": ["a", "b"]})
    box = {"class_name": "cat", "x": 1.5, "y": 2.0, "width": 9.0, "height": 9.0}
    labels = pd.DataFrame({"image_id": [1, 1, 2], **box, "weather": ["rain", "sun", "sun"]})
    return images, labels, labels.assign(confidence=[0.5, 0.25, 1.0])


EXPECTED = ea.Dataset.from_frames(*frames())


def assert_equal(dataset):
    for name in ("images", "labels", "predictions"):
        pd.testing.assert_frame_equal(getattr(dataset, name), getattr(EXPECTED, name))


def test_pyarrow():
    arrow = pytest.importorskip("pyarrow")
    assert_equal(ea.Dataset.from_frames(*map(arrow.Table.from_pandas, frames())))
    batches = [arrow.RecordBatch.from_pandas(frame) for frame in frames()]
    assert_equal(ea.Dataset.from_frames(*batches))


def test_what_only_streams_arrow():
    arrow = pytest.importorskip("pyarrow")

    class Stream:
        def __init__(self, frame):
            self.table = arrow.Table.from_pandas(frame)

        def __arrow_c_stream__(self, requested_schema=None):
            return self.table.__arrow_c_stream__(requested_schema)

    assert_equal(ea.Dataset.from_frames(*map(Stream, frames())))


@pytest.mark.parametrize("lazy", [False, True])
def test_polars(lazy):
    polars = pytest.importorskip("polars")
    given = [polars.from_pandas(frame) for frame in frames()]
    assert_equal(ea.Dataset.from_frames(*(one.lazy() if lazy else one for one in given)))


class Frame:
    """What is used of polars.DataFrame (1.42)."""

    def __init__(self, frame, needs=None):
        self.frame, self.needs = frame, needs

    def to_pandas(self):
        if self.needs is not None:
            raise ModuleNotFoundError(self.needs)
        return self.frame

    def to_dict(self, *, as_series):
        assert not as_series
        return self.frame.to_dict(orient="list")


class Query:
    """What is used of polars.LazyFrame."""

    def __init__(self, frame):
        self.frame = frame

    def collect_schema(self):
        raise AssertionError

    def collect(self):
        return Frame(self.frame)


@pytest.mark.parametrize(
    "make",
    [Frame, Query, lambda frame: Frame(frame, "pyarrow is required")],
    ids=["frame", "query", "without pyarrow"],
)
def test_recorded_shapes_of_polars(make):
    assert_equal(ea.Dataset.from_frames(*map(make, frames())))


def test_a_stream_without_pyarrow_names_the_remedy(monkeypatch):
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            raise AssertionError

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ea.InvalidInputError, match="Install pyarrow, or give a pandas DataFrame"):
        ea.Dataset.from_frames(Stream(), *frames()[1:])
