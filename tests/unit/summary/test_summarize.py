"""Any split of the images, any order and tree of adding: the same bytes."""

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.summary.counts import class_counts
from tests.unit.summary.conftest import made_dataset

TICKS = (0.3, 0.5, 0.75)


@cache
def small(*, text_ids):
    dataset = made_dataset(3, 12, 90, 160, text_ids=text_ids)
    return dataset, ea.summarize(dataset, iou_thresholds=TICKS)


@given(data=st.data(), kept=st.sampled_from([5000, 30]), text_ids=st.booleans())
def test_any_split_and_any_tree_of_adding_give_the_same_bytes(data, kept, text_ids):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_counts, "KEPT", kept)
        patch.setattr("ea_widgets.summary.counts.counting.KEPT", kept)
        dataset, whole = small(text_ids=text_ids)
        whole = ea.summarize(dataset, whole.binning, iou_thresholds=TICKS)
        of_image = np.array(data.draw(st.lists(st.integers(0, 3), min_size=12, max_size=12)))
        parts = [dataset.subset(of_image == part) for part in np.unique(of_image)]
        sums = [ea.summarize(part, whole.binning, iou_thresholds=TICKS) for part in parts]
        while len(sums) > 1:
            one, other = (sums.pop(data.draw(st.integers(0, len(sums) - 1))) for _ in range(2))
            sums.append(one + other)
        assert sums[0].to_bytes() == whole.to_bytes()
        assert any(one.entries is None for one in whole.counts.values()) is (kept == 30)


@given(seed=st.integers(0, 99), n_parts=st.integers(1, 6))
def test_edges_too_are_the_same_whatever_the_split(seed, n_parts):
    dataset, whole = small(text_ids=False)
    of_image = np.random.default_rng(seed).integers(0, n_parts, 12)
    parts = [dataset.subset(of_image == part) for part in np.unique(of_image)]
    assert ea.summarize(parts, iou_thresholds=TICKS).to_bytes() == whole.to_bytes()


def test_edges_of_labels_and_of_sure_predictions_have_equal_counts(summary, evaluation):
    assert summary.binning.n_bins("Size (P)") == 64
    expected = evaluation.at().curve("Size (O)", summary.binning).labels["n"]
    assert (expected.min(), expected.max()) == (7, 8)  # 470 labels count, in 64 bins
    sure = evaluation.at(0.5, 0.7).curve("Size (P)", summary.binning).predictions["n"]
    assert len(sure) > 50
    assert sure.max() <= 10  # of 280


def test_edges_of_many_objects_are_those_of_a_sample(monkeypatch, dataset):
    monkeypatch.setattr("ea_widgets.summary.bottom_sample.SIZE", 100)
    halves = np.arange(60) % 2 == 0
    parts = [dataset.subset(halves), dataset.subset(~halves)]
    whole = ea.summarize(dataset)
    assert ea.summarize(parts).to_bytes() == whole.to_bytes()
    assert whole.binning != ea.Evaluation(dataset).binning(64)
    inner = whole.binning.of("Size (P)")[1:-1]
    size = dataset.predictions["Size"]
    assert len(inner) > 40
    share = np.searchsorted(np.sort(size), inner) / len(size)
    assert np.abs(share - np.linspace(0, 1, len(inner) + 2)[1:-1]).max() < 0.12


def test_class_lists_of_parts_unite():
    one, two = made_dataset(1), made_dataset(2)
    one = one.subset(one.images["image_id"].to_numpy() < 100)
    two = two.subset(two.images["image_id"].to_numpy() >= 100)
    frames = [two.images, two.labels, two.predictions]
    renamed = [f.assign(class_name=f["class_name"].astype(str) + "s") for f in frames[1:]]
    two = ea.Dataset.from_frames(frames[0], *renamed)
    binning = ea.Evaluation(one).binning(8)
    united = ea.summarize([one, two], binning)
    assert united.class_names == tuple(sorted({*one.class_names, *two.class_names}))
    for part in (one, two):
        expected = ea.Evaluation(part).at(0.5).scores()
        found = united.at(0.5, classes=part.class_names).scores()
        assert found.true_positives == expected.true_positives
        assert found.labels_used == expected.labels_used


def test_given_classes_have_their_order(dataset):
    names = ("cat", "yak", "ant", "bee", "dog")
    summary = ea.summarize(dataset, classes=names)
    assert summary.class_names == names
    assert summary.at().scores().per_class.index.tolist() == list(names)
    with pytest.raises(ea.SummaryMismatchError, match="lacks 'dog', a class of a part"):
        ea.summarize(dataset, classes=names[:4])


def test_a_repeated_image_is_refused(summary, dataset):
    part = ea.summarize(dataset.subset(np.arange(60) < 2), summary.binning)
    message = (
        "`image_id` 2 of 2 images were counted already. "
        "Add each part once, and never split an image over parts."
    )
    with pytest.raises(ea.RepeatedImageError, match=f"^{re.escape(message)}$"):
        summary + part


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"iou_thresholds": (0.5, 0.75)}, "iou_thresholds"),
        ({"confidence_thresholds": (0.2,)}, "confidence_thresholds"),
        ({"max_detections": 7}, "max_detections"),
        ({"classes": ("ant", "bee", "cat", "dog")}, "classes"),
        ({"binning": ea.Binning({"Size (P)": (0, 1, 2)})}, "binning"),
    ],
)
def test_what_was_made_otherwise_is_refused_by_name(options, field, summary, dataset):
    other = ea.summarize(dataset, **{"binning": summary.binning, **options})
    with pytest.raises(ea.SummaryMismatchError, match=f"^`{field}` is not the same in both"):
        summary + other


def test_parts_without_a_metric_are_refused(dataset):
    other = made_dataset(5)
    bare = ea.Dataset.from_frames(
        other.images, other.labels, other.predictions.drop(columns="Noise")
    )
    with pytest.raises(ea.SummaryMismatchError, match=r"have other metrics: Noise \(P\)"):
        ea.summarize([dataset, bare])
    with pytest.raises(ea.SummaryMismatchError, match=r"has bins of 'Noise \(P\)'"):
        ea.summarize(bare, ea.Evaluation(dataset).binning(8))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"parts": []}, "`parts` is empty."),
        ({"parts": 3}, "`parts` is of type int."),
        ({"parts": iter(())}, "`parts` can be read once only"),
        ({"binning": 3}, "`binning` is 3."),
        ({"binning": ea.Binning({"Size (P)": range(66)})}, "`binning` has 65 bins of 'Size (P)'"),
        ({"iou_thresholds": ()}, "`iou_thresholds` has 0 numbers"),
        ({"iou_thresholds": (0.5, 1.5)}, "`iou_thresholds` is (0.5, 1.5)."),
        ({"classes": "cat"}, "`classes` is 'cat'."),
    ],
)
def test_what_cannot_be_used_is_refused(given, message, dataset):
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}"):
        ea.summarize(**{"parts": dataset, **given})


def test_a_generator_will_do_where_a_binning_is_given(summary, dataset):
    halves = np.arange(60) % 2 == 0
    parts = (dataset.subset(half) for half in (halves, ~halves))
    assert ea.summarize(parts, summary.binning) == summary
