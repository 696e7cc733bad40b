"""The catalogue and one's own metrics."""

from __future__ import annotations

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.data.catalogue import registry
from ea_widgets.data.catalogue.built_in import BUILT_IN
from ea_widgets.data.catalogue.registry import describe, find_metric, known_metrics, metric
from ea_widgets.errors import InvalidInputError

CATALOGUE = {  # METRICS.md, but for the metrics of sequences
    "Area": "F",
    "Aspect Ratio": "F",
    "Object Count": "F",
    "Frame Object Density": "F",
    "Object Area - Absolute": "OP",
    "Object Area - Relative": "OP",
    "COCO Area": "OP",
    "Object Aspect Ratio": "OP",
    "Border Closeness": "OP",
    "Annotation Duplicates": "OP",
    "Overlap with Others": "OP",
    "Nearest Neighbour Distance": "OP",
    "Model Confidence": "P",
    "Random Values on Images": "F",
    "Random Values on Objects": "OP",
    "Brightness": "FOP",
    "Contrast": "FOP",
    "Sharpness": "FOP",
    "Blur": "FOP",
    "Red Values": "FOP",
    "Green Values": "FOP",
    "Blue Values": "FOP",
    "Image Singularity": "F",
    "Image Diversity": "F",
    "Object Annotation Quality": "OP",
}


def test_from_labels_are_the_metrics_that_labels_change():
    demo = ea.load_demo()
    images = demo.images[["image_id", "width", "height", "file_name"]].head(12)
    plain = [
        frame[frame["image_id"].isin(images["image_id"])].drop(
            columns=list(CATALOGUE), errors="ignore"
        )
        for frame in (demo.labels, demo.predictions)
    ]
    with_labels, without = (
        ea.compute_metrics(
            ea.Dataset.from_frames(images, labels, plain[1], pixels=demo.pixels),
            n_jobs=1,
            progress=False,
        )
        for labels in (plain[0], plain[0][:0])
    )
    changed = {
        (name, letter)
        for frame, letter in (("images", "F"), ("predictions", "P"))
        for name in getattr(with_labels, frame).columns.intersection(list(CATALOGUE))
        if name not in getattr(without, frame)
        or not getattr(with_labels, frame)[name].equals(getattr(without, frame)[name])
    }
    told = {
        (spec.name, letter)
        for spec in BUILT_IN
        for letter in set(spec.letters) & {"F", "P"}
        if spec.from_labels
    }
    assert changed == told
    assert len(told) == 3


@pytest.fixture(autouse=True)
def _forget_own_metrics(monkeypatch):
    monkeypatch.setattr(registry, "_OWN", {})


def test_the_catalogue_is_whole():
    found = {}
    for spec in BUILT_IN:
        found[spec.name] = found.get(spec.name, "") + "".join(spec.letters)
    assert found == CATALOGUE


def test_every_metric_says_what_it_is_in_one_sentence():
    for spec in BUILT_IN:
        assert spec.unit
        assert spec.description.endswith(".")
        assert "\n" not in spec.description


def test_a_fallback_is_named_on_screen():
    for name, level in (
        ("Image Singularity", "F"),
        ("Image Diversity", "F"),
        ("Object Annotation Quality", "P"),
    ):
        said = "by thumbnail embedding (built-in fallback, no model)"
        assert said in describe(name, level)[1]


def test_a_column_that_no_metric_made_is_the_users_own():
    assert describe("daylight", "F") == ("", "Column of your own frame.")
    # "Area" is a metric of images; of objects it would be a column of the user's.
    assert describe("Area", "O") == ("", "Column of your own frame.")


def test_an_unknown_level_is_refused():
    with pytest.raises(InvalidInputError) as caught:
        describe("Area", "Q")
    assert str(caught.value) == (
        "`level` has no option 'Q'. Options: 'F', 'O', 'P', 'image', 'object'."
    )


def test_one_s_own_metric_is_known_and_given_back():
    @metric("Saturation", level="object", unit="[0, 1]", description="Mean saturation.", version=3)
    def saturation(crop):
        return 0.5

    assert saturation(None) == 0.5
    spec = find_metric("Saturation", "P")
    assert spec in known_metrics()
    assert (spec.unit, spec.description, spec.version) == ("[0, 1]", "Mean saturation.", 3)
    assert spec.frames == ("labels", "predictions")
    assert spec.function is saturation


def test_the_docstring_stands_in_for_a_description():
    @metric("Greyness", level="image")
    def greyness(pixels):
        """How grey the image is.

        More text.
        """

    assert describe("Greyness", "F") == ("", "How grey the image is.")


def test_running_the_cell_again_replaces_the_function():
    for value in (1.0, 2.0):
        metric("Twice", level="image")(lambda _, value=value: value)
    assert [spec.name for spec in known_metrics()].count("Twice") == 1
    assert find_metric("Twice", "F").function(None) == 2.0


@pytest.mark.parametrize(
    ("name", "level", "message"),
    [
        (
            "Brightness",
            "object",
            "`name` is 'Brightness', a built-in metric. Choose another name for your own.",
        ),
        (
            "width",
            "image",
            "`name` is 'width', a column that frames have already. Choose another name.",
        ),
        (" ", "image", "`name` is ' '. Give the metric a name to be shown."),
        (
            "Sat (O)",
            "object",
            (
                "`metric.Sat (O)` ends in a level, which is added when a metric is shown. "
                "Name the metric 'Sat'."
            ),
        ),
        (
            "Sat (F)",
            "object",
            (
                "`metric.Sat (F)` ends in a level, which is added when a metric is shown. "
                "Name the metric 'Sat'."
            ),
        ),
        ("Mine", "", "`level` has no option ''. Options: 'image', 'object'."),
        ("Mine", "frame", "`level` has no option 'frame'. Options: 'image', 'object'."),
    ],
)  # fmt: skip
def test_names_that_cannot_be_taken_are_refused(name, level, message):
    with pytest.raises(InvalidInputError) as caught:
        metric(name, level=level)
    assert str(caught.value) == message


@pytest.mark.parametrize("version", ["b", 1.5, None, np.float64(2)])
def test_a_version_that_is_no_whole_number_is_refused(version):
    with pytest.raises(InvalidInputError) as caught:
        metric("Mine", level="image", version=version)
    given = 2.0 if version == 2 else version
    assert str(caught.value) == f"`version` is {given!r}. Give a whole number."


def test_a_version_of_numpy_is_a_whole_number():
    metric("Mine", level="image", version=np.int64(3))(len)
    assert type(find_metric("Mine", "F").version) is int


def test_a_bare_decorator_is_told_what_it_lacks():
    with pytest.raises(InvalidInputError) as caught:

        @metric
        def bare(image):
            return 0.0

    assert str(caught.value) == (
        "`metric` stands above a function without a name and a level. "
        "Write `@ea.metric('name', level='image')`, or `level='object'`."
    )
