"""Refusals never crash, and stay readable whatever is refused."""

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.errors import InvalidInputError, shown, unknown_option


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no")


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


ODD = {
    "digits": 10**5_000,
    "nested": nested(5_000),
    "unprintable": Unprintable(),
    "long": "x" * 100_000,
    "many": list(range(10**6)),
    "array": np.zeros(10**6),
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_whatever_is_refused_the_refusal_is_short(value):
    assert len(shown(value)) <= 80
    assert len(str(unknown_option("metric", value, ["a" * 10_000, "b"]))) < 1_000


def test_values_of_numpy_are_written_as_numbers():
    assert shown(np.float64(0.5)) == "0.5"
    assert shown(np.array(3)) == "3"


def test_a_long_problem_keeps_its_beginning_and_its_end():
    error = InvalidInputError("field", f"begins {'x' * 10_000} ends", "Do this.")
    assert len(str(error)) < 1_300
    assert str(error).startswith("`field` begins")
    assert str(error).endswith("ends. Do this.")


CALLS = {
    "iou_threshold": lambda e, value: e.at(iou_threshold=value),
    "confidence_threshold": lambda e, value: e.at(confidence_threshold=value),
    "classes": lambda e, value: e.at(classes=[value]),
    "where": lambda _, value: ea.where(value),
    "low": lambda _, value: ea.where("Size", low=value),
    "isin": lambda _, value: ea.where("Size", isin=[value]),
    "metric": lambda e, value: e.at().curve(value),
    "bins": lambda e, value: e.at().curve("Object Area - Relative (P)", bins=value),
    "n": lambda e, value: e.at().worst_ranges(n=value),
    "outcome": lambda e, value: e.at().importance(value),
    "min_confidence": lambda _, value: ea.Rule("Size", high=1, min_confidence=value),
    "slices": lambda e, value: e.at().slices({"a": value}),
    "beta": lambda e, value: e.at().operating_points(beta=value),
    "page": lambda e, value: e.at().objects_in_range(page=value),
    "trait": lambda e, value: ea.ImportancePanel(e, iou_threshold=value),
    "evaluation": lambda _, value: ea.explore(value),
}


@pytest.fixture(scope="module")
def demo():
    return ea.Evaluation(ea.load_demo())


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind not in {"many", "array"}])
@pytest.mark.parametrize("name", CALLS)
def test_every_argument_refuses_odd_values_in_words(demo, name, kind):
    if (name, kind) == ("isin", "long"):
        pytest.skip("a category may be long")
    with pytest.raises(InvalidInputError) as caught:
        CALLS[name](demo, ODD[kind])
    assert len(str(caught.value)) < 2_600
