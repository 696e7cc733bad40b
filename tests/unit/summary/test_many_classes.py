"""More than 80 classes: the rare ones share the bins of metrics, and each keeps its scores."""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.unit.summary.conftest import many_classes

TICKS = {"iou_thresholds": (0.5, 0.75), "confidence_thresholds": (0.3,)}
METRIC = "Size (P)"
SHOWN = ["n", "rate"]


@pytest.fixture(scope="module")
def dataset():
    return many_classes()


@pytest.fixture(scope="module")
def summary(dataset):
    return ea.summarize(dataset, **TICKS)


@pytest.fixture(scope="module")
def evaluation(dataset):
    return ea.Evaluation(dataset)


def choices(summary):
    """All classes, a frequent and a rare one, and 40 of both kinds."""
    rare = summary.rare_classes
    return [(), summary.class_names[:1], rare[:1], (*summary.class_names[:20], *rare[:20])]


def test_the_eighty_most_frequent_have_bins_of_their_own(summary, dataset):
    own = summary.binning.classes
    assert len(own) == 80
    assert {*own} | {*summary.rare_classes} == {*summary.class_names}
    n = pd.concat([dataset.labels, dataset.predictions])["class_name"].value_counts()
    assert n[[*own]].min() >= n[[*summary.rare_classes]].max()


@pytest.mark.parametrize("number", range(4))
def test_scores_of_any_classes_are_those_of_an_evaluation(summary, evaluation, number):
    classes = choices(summary)[number]
    for choice in ((0.5, None), (0.75, 0.3)):
        made, expected = (one.at(*choice, classes).scores() for one in (summary, evaluation))
        pd.testing.assert_frame_equal(made.per_class, expected.per_class, rtol=0, atol=1e-12)


@pytest.mark.parametrize("own", [False, True], ids=["all", "frequent"])
def test_curves_are_those_of_an_evaluation(summary, evaluation, own):
    classes = summary.binning.classes if own else ()
    made, expected = (
        one.at(0.5, 0.3, classes).curve(METRIC, summary.binning) for one in (summary, evaluation)
    )
    for side in ("predictions", "labels"):
        one, other = getattr(made, side), getattr(expected, side)
        pd.testing.assert_frame_equal(one[SHOWN], other[SHOWN], rtol=0, atol=1e-12)
    assert made.average_true_positive_rate == expected.average_true_positive_rate


def test_importance_is_close_to_that_of_an_evaluation(summary, evaluation):
    made, expected = (one.at(0.5).importance()["importance"] for one in (summary, evaluation))
    assert (made - expected[made.index]).abs().max() < 0.005


def test_intervals_of_all_classes_do_not_depend_on_who_shares(summary, dataset):
    alone = ea.Binning(
        {name: summary.binning.edges[name] for name in summary.binning.edges},
        summary.binning.categories,
    )
    each = ea.summarize(dataset, alone, **TICKS)
    assert each.rare_classes == ()
    made, expected = (one.at(0.5, 0.3).curve(METRIC, 10) for one in (summary, each))
    pd.testing.assert_frame_equal(made.predictions, expected.predictions)
    made, expected = (one.at(0.5, 0.3).worst_ranges(settled=True) for one in (summary, each))
    pd.testing.assert_frame_equal(made, expected)
    made, expected = (one.at(0.5).scores(settled=True).to_dict() for one in (summary, each))
    assert made == expected


def test_the_same_bytes_whatever_the_split(summary, dataset):
    rng = np.random.default_rng(0)
    of_image = rng.integers(0, 5, 80)
    parts = [dataset.subset(of_image == number) for number in range(5)]
    assert ea.summarize(parts, **TICKS).to_bytes() == summary.to_bytes()
    made = [ea.summarize(part, summary.binning, **TICKS) for part in parts]
    total = (made[3] + made[0]) + (made[4] + (made[2] + made[1]))
    assert total.to_bytes() == summary.to_bytes()
    again = ea.Summary.from_bytes(total.to_bytes())
    assert again == summary
    assert again.at(0.5).curve(METRIC).predictions.equals(summary.at(0.5).curve(METRIC).predictions)


def test_what_rare_classes_cannot_answer_alone_says_so(summary):
    rare, frequent = summary.rare_classes, summary.class_names[:1]
    for classes in (rare[:1], (*frequent, *rare[:-1])):
        with pytest.raises(ea.NotAnswerableError, match="one of 20 rare classes that are counted"):
            summary.at(0.5, None, classes).importance()
    with pytest.raises(ea.NotAnswerableError, match="one of 20 rare classes"):
        summary.at(0.5, {rare[0]: 0.3}).curve(METRIC)
    with pytest.raises(ea.NotAnswerableError, match=r"^`by_class` is asked of 'class "):
        summary.at(0.5, None, rare).curve(METRIC, by_class=True)
    assert len(summary.at(0.5, None, rare).importance())
    assert len(summary.at(0.5, None, frequent).curve(METRIC, by_class=True).predictions)
