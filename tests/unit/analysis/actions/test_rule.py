from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.analysis.actions.rule import Rule

ODD_NAME = 'it\'s "odd" \\ {x}\n'


def run(line, **frames):
    return eval(line, frames)  # noqa: S307  # the line is the rule's own


@pytest.fixture
def predictions():
    return pd.DataFrame(
        {
            "image_id": [1, 2, 1, 3],
            "confidence": [0.1, 0.4, 0.5, 0.9],
            "Blur": [1.0, 2.0, np.nan, 3.0],
        },
        index=[7, 3, 9, 1],
    )


@pytest.fixture
def images():
    return pd.DataFrame({"image_id": [2, 1], "Brightness": [10.0, 20.0]})


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (Rule("Blur", 1, 2), [9, 1]),
        (Rule("Blur (P)", 1, 2), [9, 1]),
        (Rule("Blur", low=2), [7, 9]),
        (Rule("Blur", high=2), [9, 1]),
        (Rule("Blur"), [9]),
        (Rule("Blur", 1, 3, min_confidence=0.4), [3, 9, 1]),
        (Rule("Blur", 1, 3, min_confidence=0), [7, 3, 9, 1]),
    ],
)
def test_a_rule_drops_the_closed_range_below_its_confidence(rule, left, predictions):
    assert rule.apply(predictions).index.tolist() == left
    pd.testing.assert_frame_equal(rule.apply(predictions), predictions.loc[left])
    pd.testing.assert_frame_equal(
        run(rule.to_pandas(), predictions=predictions), predictions.loc[left]
    )


@pytest.mark.parametrize("metric", ["Brightness", "Brightness (F)"])
def test_a_metric_of_images_is_looked_up_by_image(metric, predictions, images):
    rule = Rule(metric, 15, 25, 0.3)
    assert rule.apply(predictions, images).index.tolist() == [3, 9, 1]
    line = rule.to_pandas("found", images="pictures")
    assert run(line, found=predictions, pictures=images).index.tolist() == [3, 9, 1]


def test_a_metric_without_its_level_is_one_of_predictions_first(predictions, images):
    rule = Rule("Blur", 2, 3)
    other = images.rename(columns={"Brightness": "Blur"})
    for frames in ({"predictions": predictions}, {"predictions": predictions, "images": other}):
        assert run(rule.to_pandas(), **frames).index.tolist() == [7, 9]
    assert rule.apply(predictions, other).index.tolist() == [7, 9]


def test_the_line_of_a_metric_of_images_drops_what_was_tried():
    dataset = ea.load_demo()
    rule = Rule("Object Count", high=3)
    frames = {"predictions": dataset.predictions, "images": dataset.images}
    left = run(rule.to_pandas(), **frames)
    assert len(dataset.predictions) - len(left) == ea.Evaluation(dataset).what_if([rule]).removed
    assert len(left) < len(dataset.predictions)


numbers = st.floats(-3, 3, width=16)
ends = st.none() | numbers


@given(
    column=st.lists(numbers | st.just(float("nan")), max_size=30),
    low=ends,
    high=ends,
    min_confidence=st.none() | st.floats(0, 1),
    dtype=st.sampled_from(["float64", "float32", "Float64", "Int64"]),
    seed=st.integers(0, 99),
)
def test_the_line_of_pandas_does_what_apply_does(column, low, high, min_confidence, dtype, seed):
    if low is not None and high is not None and low > high:
        low, high = high, low
    values = pd.Series(column, dtype="float64")
    if dtype == "Int64":
        values = values.round()
    frame = pd.DataFrame({ODD_NAME: values.astype(dtype)})
    frame["confidence"] = np.random.default_rng(seed).integers(0, 5, len(frame)) / 4
    rule = Rule(ODD_NAME, low, high, min_confidence)
    expected = [
        row
        for row, (value, sure) in enumerate(zip(values, frame["confidence"], strict=True))
        if np.isnan(value)
        or (low is not None and value < low)
        or (high is not None and value > high)
        or (min_confidence is not None and sure >= min_confidence)
    ]
    assert rule.apply(frame).index.tolist() == expected
    assert run(rule.to_pandas(), predictions=frame).index.tolist() == expected
    assert Rule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rule(""), "`metric` is ''. Give the name of a metric."),
        (lambda: Rule(3), "`metric` is 3. Give the name of a metric."),
        (
            lambda: Rule("Blur (O)"),
            (
                "`metric` is 'Blur (O)', which describes labels. "
                "A rule drops predictions: give a metric of predictions (P) or images (F)."
            ),
        ),
        (
            lambda: Rule("Blur", low=float("nan")),
            "`low` is nan. Give a finite number, or None for an open end.",
        ),
        (
            lambda: Rule("Blur", high=True),
            "`high` is True. Give a finite number, or None for an open end.",
        ),
        (lambda: Rule("Blur", 2, 1), "`low` is 2.0, above `high`, 1.0. Swap the two."),
        (
            lambda: Rule("Blur", min_confidence=1.5),
            "`min_confidence` is 1.5. Give a number from 0 to 1.",
        ),
        (
            lambda: Rule.from_json('["Blur"]'),
            "`rule` is JSON of a list. Read a list with `Rule.list_from_json`.",
        ),
        (
            lambda: Rule.from_json("3"),
            (
                "`rule` is JSON of a int. "
                "Give a JSON object with the fields 'metric', 'low', 'high', 'min_confidence', "
                "'isin'."
            ),
        ),
        (
            lambda: Rule.list_from_json('{"metric": "Blur"}'),
            (
                "`rules` is JSON of a dict. Give a JSON array of objects with the fields "
                "'metric', 'low', 'high', 'min_confidence', 'isin'."
            ),
        ),
        (
            lambda: Rule.list_from_json('[{"metric": "Blur"}, {"low": 3}]'),
            (
                "`rules[1]` lacks the field 'metric'. "
                "Give a JSON object with the fields 'metric', 'low', 'high', 'min_confidence', "
                "'isin'."
            ),
        ),
        (
            lambda: Rule.list_from_json(
                '[{"metric": "a"}, {"metric": "b", "min_confidence": 5}, {"metric": 3}]'
            ),
            "`rules[1].min_confidence` is 5. Give a number from 0 to 1.",
        ),
        (
            lambda: Rule.list_from_json('[{"metric": "a"}, {"metric": "b (O)"}]'),
            (
                "`rules[1].metric` is 'b (O)', which describes labels. "
                "A rule drops predictions: give a metric of predictions (P) or images (F)."
            ),
        ),
        (
            lambda: Rule.from_json('{"low": 3}'),
            (
                "`rule` lacks the field 'metric'. "
                "Give a JSON object with the fields 'metric', 'low', 'high', 'min_confidence', "
                "'isin'."
            ),
        ),
        (
            lambda: Rule.from_json('{"metric": "Blur", "hihg": 3}'),
            (
                "`rule` has no option 'hihg'. Did you mean 'high'? "
                "Options: 'metric', 'low', 'high', 'min_confidence', 'isin'."
            ),
        ),
        (
            lambda: Rule("Blur").to_pandas("my frame"),
            "`name` is 'my frame'. Give the name of a variable.",
        ),
        (
            lambda: Rule("Blur").apply({"Blur": [1]}),
            "`frame` is of type dict. Give a DataFrame of predictions.",
        ),
    ],
)
def test_what_cannot_be_a_rule_is_refused(make, message):
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}$"):
        make()


@pytest.mark.parametrize("text", ["{", "NaN?", None])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ea.InvalidInputError, match=r"^`rule` is not JSON \(.*\)\. Give a JSON obj"):
        Rule.from_json(text)
    with pytest.raises(ea.InvalidInputError, match=r"^`rules` is not JSON \(.*\)\. Give a JSON ar"):
        Rule.list_from_json(text)


@pytest.mark.parametrize(
    ("metric", "needs"),
    [
        ("Object Count (F)", True),
        ("Object Count", True),
        ("Object Count (P)", False),  # a column of the user's own
        ("Object Annotation Quality (P)", True),
        ("Object Annotation Quality", True),
        ("Sharpness (P)", False),
        ("Blur", False),
        ("My own", False),
    ],
)
def test_a_rule_knows_whether_its_metric_is_made_from_labels(metric, needs):
    assert Rule(metric).needs_labels is needs


@pytest.mark.parametrize("rules", [[], [Rule("Blur")], [Rule(ODD_NAME, 1, 2), Rule("A (F)", 0.5)]])
def test_a_list_of_rules_is_read_back(rules):
    text = f"[{', '.join(rule.to_json() for rule in rules)}]"
    assert Rule.list_from_json(text) == rules
    assert Rule.list_from_json(text.encode()) == rules


@pytest.mark.parametrize(
    ("rule", "with_images", "message"),
    [
        (
            Rule("Blurr"),
            False,
            (
                "`frame` has no column 'Blurr' to go by. "
                "Give a frame with 'Blurr', or `images` where it is one of images."
            ),
        ),
        (
            Rule("Brightness (F)"),
            False,
            (
                "`frame` has no column 'Brightness' to go by. "
                "Give `images`, a frame with 'image_id' and 'Brightness'."
            ),
        ),
        (
            Rule("Blurr (P)"),
            True,
            (
                "`frame` has no option 'Blurr'. Did you mean 'Blur'? "
                "Options: 'image_id', 'confidence', 'Blur'."
            ),
        ),
        (
            Rule("Brightnes (F)"),
            True,
            (
                "`images` has no option 'Brightnes'. Did you mean 'Brightness'? "
                "Options: 'image_id', 'Brightness'."
            ),
        ),
    ],
)
def test_a_missing_column_is_named(rule, with_images, message, predictions, images):
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}$"):
        rule.apply(predictions, images if with_images else None)


def test_text_and_repeated_images_are_refused(predictions, images):
    with pytest.raises(ea.InvalidInputError, match=r"^`frame` has no numbers in 'Blur'\. "):
        Rule("Blur").apply(predictions.astype({"Blur": str}))
    with pytest.raises(ea.InvalidInputError, match=r"^`images` has an image twice\. "):
        Rule("Brightness (F)").apply(predictions, pd.concat([images, images]))
    with pytest.raises(ea.InvalidInputError, match=r"^`frame` has no option 'confidence'\. "):
        Rule("Blur", min_confidence=0.5).apply(predictions[["Blur"]])
