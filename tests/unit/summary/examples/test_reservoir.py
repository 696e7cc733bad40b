"""Examples that a summary keeps, beside the objects of an evaluation."""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.summary.counts.hashes import image_hashes, object_hashes
from tests.unit.summary.conftest import made_dataset

SAME = ["kind", "image_id", "class_name", "x", "y", "width", "height", "confidence", "value"]
OTHER = ["iou", "other_class_name", "other_x", "other_y", "other_width", "other_height"]
ALL = {"page_size": 10_000}


def in_order(rows):
    return rows.sort_values(["kind", "image_id", "x", "y"], ignore_index=True)


@pytest.fixture
def few(monkeypatch):
    """Summaries that keep 2 right and 2 wrong objects per bin and of each class."""
    monkeypatch.setattr("ea_widgets.summary.examples.reservoir.PER_BIN", 2)
    monkeypatch.setattr("ea_widgets.summary.examples.reservoir.PER_CLASS", 2)
    return made_dataset(5)


@pytest.mark.parametrize("classes", [(), ("ant", "dog")])
@pytest.mark.parametrize("choice", [(0.5, None), (0.75, None), (0.5, 0.3), (0.3, 0.7)])
def test_where_all_objects_are_kept_they_are_those_of_an_evaluation(choice, classes):
    dataset = made_dataset(2, 30, 120, 200)
    evaluation, summary = ea.Evaluation(dataset), ea.summarize(dataset)
    for metric, ends in [(None, {}), ("Size (P)", {"low": 500, "high": 3000}), ("Fog", {})]:
        found, expected = (
            one.at(*choice, classes).objects_in_range(metric, **ends, **ALL)
            for one in (summary, evaluation)
        )
        assert found.total == expected.total > 0
        assert found.counts == expected.counts
        rows, wanted = in_order(found.rows), in_order(expected.rows)
        for name in SAME:
            assert rows[name].tolist() == pytest.approx(wanted[name].tolist(), nan_ok=True), name
        if choice == (0.5, None):
            for name in OTHER:
                assert rows[name].tolist() == pytest.approx(wanted[name].tolist(), nan_ok=True)


@pytest.mark.parametrize("sort", ["metric", "confidence", "iou"])
def test_pages_are_sorted(summary, sort):
    view = summary.at(0.5)
    pages = [
        view.objects_in_range(
            "Size (P)", kind="false_positive", sort=sort, descending=True, page=page, page_size=7
        )
        for page in range(3)
    ]
    column = {"metric": "value"}.get(sort, sort)
    values = np.concatenate([page.rows[column] for page in pages])
    assert len(values) == 21
    assert (np.diff(values) <= 0).all()
    assert set(np.concatenate([page.rows["kind"] for page in pages])) == {"false_positive"}


def test_every_bin_has_examples_of_either_kind(few):
    evaluation = ea.Evaluation(few)
    summary = ea.summarize(few, evaluation.binning(8))
    kept = summary.at(0.5).objects_in_range(None, **ALL)
    everything = evaluation.at(0.5).objects_in_range(None, **ALL)
    assert kept.total < everything.total / 2
    edges = summary.binning.of("Noise (P)")
    for low, high in zip(edges[:-1], np.nextafter(edges[1:], -1), strict=True):
        counts = summary.at(0.5).objects_in_range("Noise (P)", low, high, **ALL).counts
        whole = evaluation.at(0.5).objects_in_range("Noise (P)", low, high, **ALL).counts
        for kind in ("true_positive", "false_positive"):
            assert counts[kind] >= min(2, whole[kind])


def test_the_kept_ones_are_the_same_whatever_the_split_and_travel_in_the_file(few):
    whole = ea.summarize(few)
    part = np.random.default_rng(1).integers(0, 3, len(few.images))
    parts = [few.subset(part == number) for number in range(3)]
    one, two, three = (ea.summarize(each, whole.binning) for each in parts)
    merged = three + (one + two)
    assert merged.to_bytes() == whole.to_bytes()
    again = ea.Summary.from_bytes(merged.to_bytes())
    first, second = (s.at(0.5).objects_in_range("Size", **ALL).rows for s in (again, whole))
    assert first.equals(second)


def test_reasons_are_refused_and_categories_are_asked_as_of_an_evaluation(summary):
    with pytest.raises(ea.NotAnswerableError, match="`reason` is 'duplicate'"):
        summary.at().objects_in_range("Size", reason="duplicate")
    assert summary.at().objects_in_range("Size", isin=["night"]).total == 0
    with pytest.raises(ea.InvalidInputError, match="Did you mean 'Size"):
        summary.at().objects_in_range("Sise (P)")


def test_without_objects_there_are_no_examples():
    dataset = made_dataset(1, 5, 20, 30)
    empty = ea.Dataset.from_frames(
        dataset.images, dataset.labels.iloc[:0], dataset.predictions.iloc[:0]
    )
    summary = ea.summarize(empty)
    found = summary.at().objects_in_range()
    assert found.total == 0
    assert summary.reservoir.images == ()
    full = ea.summarize(dataset)
    summary = ea.summarize(empty, full.binning)
    assert full.reservoir.add(summary.reservoir, full.settings).images == full.reservoir.images


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_the_sweep_is_that_of_the_same_bins(summary, outcome):
    table = summary.at(0.5, 0.3).importance_sweep(outcome=outcome, top=3)
    assert table["metric"].nunique() == 3
    assert table["iou_threshold"].tolist() == 3 * list(summary.iou_thresholds)
    highest = table.groupby("metric", sort=False)["importance"].max()
    assert (np.diff(highest) <= 0).all()
    for row in table.itertuples():
        expected = summary.at(row.iou_threshold, 0.3).importance(outcome).loc[row.metric]
        assert row.importance == expected["importance"]
        assert row.n == expected["n"]
    with pytest.raises(ea.NotAnswerableError):
        summary.at().importance_sweep([0.5, 0.52])


def test_no_two_objects_have_the_same_hash():
    images = image_hashes(pd.Series(np.repeat(np.arange(50), 50)))
    assert len(np.unique(object_hashes(images, np.tile(np.arange(50), 50)))) == 2500
