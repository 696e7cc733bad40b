"""Vectors from arrays, columns, functions and thumbnails, and what is made of them."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import pairwise_distances

import ea_widgets as ea
from ea_widgets.data.metrics import embedding_metrics
from ea_widgets.data.metrics.embedding_metrics import (
    annotation_quality,
    image_diversity,
    image_singularity,
)
from ea_widgets.data.metrics.embedding_run import thumbnails
from ea_widgets.errors import InvalidInputError, MetricWarning

N = 8
RNG = np.random.default_rng(0)
VECTORS = {
    "images": RNG.normal(size=(N, 5)),
    "labels": RNG.normal(size=(3 * N, 4)),
    "predictions": RNG.normal(size=(2 * N, 4)),
}


def make(pixels=None, **columns):
    images = pd.DataFrame({"image_id": np.arange(N), "width": 30, "height": 30})

    def objects(each):
        return pd.DataFrame(
            {
                "image_id": np.repeat(np.arange(N), each),
                "class_name": (["a", "b", "a", "c"] * N)[: N * each],
                "x": np.tile(np.arange(each) * 9, N),
                "y": 4,
                "width": 8,
                "height": 9,
            }
        )

    frames = {
        "images": images,
        "labels": objects(3),
        "predictions": objects(2).assign(confidence=0.5),
    }
    for frame, values in columns.items():
        frames[frame]["embedding"] = list(values)
    return ea.Dataset.from_frames(**frames, pixels=pixels)


def quietly(dataset, **options):
    return ea.compute_metrics(dataset, progress=False, **options)


def share_of_nearest(vectors, classes, labels, label_classes, *, are_labels, number=9):
    distances = pairwise_distances(vectors, labels, metric="cosine")
    if are_labels:
        np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1, kind="stable")[:, : min(number, len(labels) - are_labels)]
    return (np.asarray(label_classes)[near] == np.asarray(classes)[:, None]).mean(axis=1)


def test_arrays_columns_and_functions_give_the_same():
    dataset = make()
    arrays = quietly(dataset, embeddings=VECTORS)
    columns = quietly(make(**VECTORS))
    named = quietly(make(**VECTORS), embeddings="embedding")
    for frame in ("images", "labels", "predictions"):
        own = [column for column in getattr(columns, frame).columns if column != "embedding"]
        pd.testing.assert_frame_equal(getattr(columns, frame)[own], getattr(arrays, frame))
        pd.testing.assert_frame_equal(getattr(named, frame)[own], getattr(arrays, frame))

    pixels = {row: np.full((30, 30, 3), 20 * row + 10, np.uint8) for row in range(N)}
    codes = {20 * row + 10: vector for row, vector in enumerate(VECTORS["images"])}
    made = quietly(make(pixels), embeddings={"images": lambda image: codes[int(image[0, 0, 0])]})
    assert_array_equal(made.images["Image Singularity"], arrays.images["Image Singularity"])
    assert_array_equal(made.images["Image Diversity"], arrays.images["Image Diversity"])


def test_quality_is_the_share_of_the_nine_nearest_labels():
    found = quietly(make(), embeddings=VECTORS)
    labels = found.labels["class_name"]
    assert_allclose(
        found.labels["Object Annotation Quality"],
        share_of_nearest(VECTORS["labels"], labels, VECTORS["labels"], labels, are_labels=True),
    )
    assert_allclose(
        found.predictions["Object Annotation Quality"],
        share_of_nearest(
            VECTORS["predictions"],
            found.predictions["class_name"],
            VECTORS["labels"],
            labels,
            are_labels=False,
        ),
    )


def test_a_planted_wrong_label_stands_out():
    rng = np.random.default_rng(1)
    centres = np.repeat(np.eye(4)[:3], 20, axis=0)
    vectors = centres + rng.normal(0, 0.02, centres.shape)
    classes = np.repeat([0, 1, 2], 20)
    classes[7] = 2
    quality = annotation_quality(vectors, classes, vectors, classes, are_labels=True, n_threads=1)
    assert quality[7] == 0
    assert np.delete(quality, 7).min() >= 8 / 9


@pytest.mark.parametrize(("width", "step"), [(3, 16), (128, 16), (256, 8), (4_096, 1)])
def test_parts_shrink_with_the_width_and_say_how_far_they_are(monkeypatch, width, step):
    rng = np.random.default_rng(4)
    vectors = np.zeros((40, width), dtype=np.float32)
    vectors[:, :3] = rng.normal(size=(40, 3))
    classes = rng.integers(0, 3, 40)
    options = {"are_labels": True, "n_threads": 1}
    whole = annotation_quality(vectors, classes, vectors, classes, **options)
    monkeypatch.setattr(embedding_metrics, "PRODUCTS_AT_ONCE", 16 * 40 * 128)
    steps = []
    parts = annotation_quality(vectors, classes, vectors, classes, **options, advance=steps.append)
    assert_array_equal(parts, whole)
    assert steps == [step] * (40 // step) + [40 % step] * (40 % step > 0)


def test_more_copies_than_neighbours_do_not_count_the_object_itself():
    vectors = np.ones((15, 2))
    classes = np.array([1] + [0] * 14)
    quality = annotation_quality(vectors, classes, vectors, classes, are_labels=True, n_threads=1)
    assert quality.shape == (15,)
    assert quality[0] == 0
    assert (quality[1:] >= 8 / 9).all()


def test_few_labels_and_missing_vectors():
    one = np.ones((1, 2))
    no_other = annotation_quality(
        one, np.array([0]), one, np.array([0]), are_labels=True, n_threads=1
    )
    assert np.isnan(no_other).all()
    found = annotation_quality(
        np.array([[1.0, 0], [np.nan, np.nan]]),
        np.array([0, 0]),
        one,
        np.array([0]),
        are_labels=False,
        n_threads=1,
    )
    assert_array_equal(found, [1, np.nan])
    vectors = np.array([[1.0, 0], [np.nan, 0], [0, 1]])
    assert_array_equal(image_singularity(vectors), [1, np.nan, 1])
    assert_array_equal(image_diversity(vectors, 1)[1], np.nan)


def test_diversity_takes_one_of_each_cluster_in_turn():
    rng = np.random.default_rng(2)
    centres = np.repeat(np.eye(3), 10, axis=0)
    ranks = image_diversity(centres + rng.normal(0, 0.01, centres.shape), 3)
    assert sorted(ranks) == list(range(30))
    clusters = np.repeat([0, 1, 2], 10)[np.argsort(ranks)]
    for turn in range(10):
        assert set(clusters[3 * turn : 3 * turn + 3]) == {0, 1, 2}


def test_fewer_different_images_than_classes_are_no_trouble():
    ranks = image_diversity(np.ones((4, 3)), 10)
    assert sorted(ranks) == [0, 1, 2, 3]
    flat = {row: np.full((30, 30), 20 * row + 10, np.uint8) for row in range(N)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # k-means tells points apart by their last bits, or not
        found = quietly(make(flat)).images["Image Diversity"]
    assert sorted(found) == list(range(N))


def test_the_fallback_needs_no_model_and_says_so():
    pixels = {
        row: np.random.default_rng(row).integers(0, 256, (30, 30, 3), np.uint8) for row in range(N)
    }
    pixels[5] = pixels[2].copy()
    found = quietly(make(pixels))
    singular = found.images["Image Singularity"]
    assert singular[5] == 0
    assert singular.drop(5).gt(0.01).all()
    assert found.labels["Object Annotation Quality"].between(0, 1).all()
    said = "use simple thumbnails, no model. Pass `embeddings=` for better ones."
    assert any(said in note for note in found.notes)
    described = found.metrics.set_index("name").loc["Image Diversity", "description"]
    assert "by thumbnail embedding (built-in fallback, no model)" in described
    given = quietly(make(pixels), embeddings=VECTORS)
    assert not any(said in note for note in given.notes)


def test_a_thumbnail_is_the_mean_of_what_it_stands_for():
    image = np.random.default_rng(3).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    blocks = image.reshape(8, 2, 8, 3, 3).mean(axis=(1, 3))
    whole, pixel, none = thumbnails(image, np.array([[0, 0, 24, 16], [3, 4, 4, 5], [3, 3, 3, 9]]))
    assert np.abs(whole.reshape(8, 8, 3) - blocks).max() <= 1  # Pillow rounds twice
    assert_array_equal(pixel.reshape(64, 3), np.broadcast_to(image[4, 3], (64, 3)))
    assert not none.any()


def test_a_function_that_fails_now_and_then_leaves_those_out():
    pixels = {row: np.full((30, 30), 20 * row + 10, np.uint8) for row in range(N)}

    def embed(crop):
        if crop[0, 0, 0] == 10:
            raise ValueError("too dark")
        return [1.0, float(crop[0, 0, 0])]

    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(pixels), embeddings=embed)
    assert [str(warning.message) for warning in caught] == [
        (
            "Your embedding function failed, and 6 vectors are missing. "
            "First error: ValueError: too dark."
        )
    ]
    assert found.images["Image Diversity"].isna().tolist() == [True] + [False] * (N - 1)
    assert found.labels["Object Annotation Quality"].isna().sum() == 3


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ([1.0, np.nan], "it gave a vector with numbers that are not finite"),
        ([np.inf, 1.0], "it gave a vector with numbers that are not finite"),
        ([[1.0, 2.0]], "it gave an array of shape (1, 2), which is not one-dimensional"),
        (3.0, "it gave an array of shape (), which is not one-dimensional"),
        ([], "it gave a vector without numbers"),
        ([1.0, 2.0, 3.0], "it gave vectors of 3 numbers after 2"),
        (["a", "b"], "ValueError: could not convert string to float: 'a'"),
    ],
)
def test_a_vector_that_cannot_be_used_is_counted_and_says_why(odd, why):
    pixels = {row: np.full((30, 30), 20 * row + 10, np.uint8) for row in range(N)}
    pixels[3][:, 9:18] = 1  # the second label and prediction of one image

    def embed(crop):
        return odd if crop.max() == 1 else [1.0, float(crop[0, 0, 0])]

    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(pixels), embeddings=embed)
    assert [str(warning.message) for warning in caught] == [
        f"Your embedding function failed, and 2 vectors are missing. First error: {why}."
    ]
    assert np.flatnonzero(found.labels["Object Annotation Quality"].isna()).tolist() == [10]
    assert np.flatnonzero(found.predictions["Object Annotation Quality"].isna()).tolist() == [7]


def test_a_function_that_never_gives_a_vector_is_counted():
    pixels = {row: np.full((30, 30), 20 * row + 10, np.uint8) for row in range(N)}
    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(pixels), embeddings={"images": lambda _: []})
    assert [str(warning.message) for warning in caught] == [
        (
            "Your embedding function failed, and 8 vectors are missing. "
            "First error: it gave a vector without numbers."
        )
    ]
    assert found.images["Image Singularity"].isna().all()


def test_vectors_of_another_length_in_one_image_are_counted_by_crop():
    pixels = {row: np.full((30, 30), 20 * row + 10, np.uint8) for row in range(N)}
    images = {"labels": lambda crop: [1.0] * (2 + int(crop[0, 0, 0] > 140))}
    dataset = make(pixels)
    outside = dataset.labels.assign(x=dataset.labels["x"].where(dataset.labels.index != 23, 90))
    dataset = ea.Dataset.from_frames(dataset.images, outside, dataset.predictions, pixels=pixels)
    with pytest.warns(MetricWarning) as caught:
        found = quietly(dataset, embeddings=images, n_jobs=1)
    assert [str(warning.message) for warning in caught] == [
        (
            "Your embedding function failed, and 2 vectors are missing. "
            "First error: it gave vectors of 3 numbers, others 2."
        )
    ]
    missing = np.flatnonzero(found.labels["Object Annotation Quality"].isna())
    assert missing.tolist() == [21, 22, 23]


@pytest.mark.parametrize("late", [0, 3])
def test_which_vectors_are_missing_does_not_depend_on_the_order_of_threads(late):
    pixels = {row: np.full((30, 30), row, np.uint8) for row in range(N)}

    def embed(image):
        row = int(image[0, 0, 0])
        time.sleep(0.2 if row == late else 0)
        return np.arange(2.0 if row < 2 else 3.0) + row

    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(pixels), embeddings={"images": embed}, n_jobs=2)
    assert [str(warning.message) for warning in caught] == [
        (
            "Your embedding function failed, and 2 vectors are missing. "
            "First error: it gave vectors of 2 numbers, others 3."
        )
    ]
    assert found.images["Image Singularity"].isna().tolist() == [True] * 2 + [False] * (N - 2)


@pytest.mark.parametrize("version", [1.5, ("ViT", 3), b"ViT"])
def test_a_version_that_tells_nothing_is_refused(version):
    def embed(image):
        return [1.0]

    embed.version = version
    with pytest.raises(InvalidInputError) as error:
        quietly(make({row: np.zeros((30, 30), np.uint8) for row in range(N)}), embeddings=embed)
    assert str(error.value) == (
        f"`embeddings.version` is {version!r}. Give a whole number or text."
    )


def test_functions_whose_vectors_cannot_be_compared_leave_the_predictions_out():
    pixels = {row: np.full((30, 30), 20 * row + 10, np.uint8) for row in range(N)}

    def embed(crop):
        return [1.0, float(crop[0, 0, 0])]

    functions = {"labels": embed, "predictions": lambda crop: [*embed(crop), 3.0]}
    message = (
        "Your embedding functions give 2 numbers for a label and 3 for a prediction, so that they "
        "cannot be compared: Object Annotation Quality of predictions is missing. Embed both with "
        "the same model."
    )
    with pytest.warns(MetricWarning) as caught:
        found = quietly(make(pixels), embeddings=functions)
    assert [str(warning.message) for warning in caught] == [message]
    assert message in found.notes
    assert found.predictions["Object Annotation Quality"].isna().all()
    alone = quietly(make(pixels), embeddings={"labels": embed})
    pd.testing.assert_frame_equal(found.labels, alone.labels)


def test_predictions_alone_are_not_compared_and_a_note_says_so():
    note = (
        "Object Annotation Quality is not computed: predictions have embeddings, but labels, "
        "which they are compared with, have none. Give embeddings of the labels too."
    )
    alone = quietly(make(), embeddings={"predictions": VECTORS["predictions"]})
    assert note in alone.notes
    assert "Object Annotation Quality" not in set(alone.metrics["name"])
    assert note in quietly(make(predictions=VECTORS["predictions"])).notes
    assert note not in quietly(make(), embeddings=VECTORS).notes
    chosen = quietly(make(predictions=VECTORS["predictions"]), metrics=["Area"])
    assert note not in chosen.notes


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (
            {"labels": np.ones((2, 3))},
            (
                "`embeddings['labels']` has shape (2, 3). Give one vector for each of the 24 "
                "rows, in the order of the frame."
            ),
        ),
        (
            {"label": np.ones((2, 3))},
            (
                "`embeddings` has no option 'label'. Did you mean 'labels'? Options: 'images', "
                "'labels', 'predictions'."
            ),
        ),
        (
            "clip",
            (
                "`embeddings` is 'clip', a column that no frame has. "
                "Give the name of a column of vectors."
            ),
        ),
        (
            3,
            (
                "`embeddings` is of type int. Give a dict of arrays by frame, the name of a "
                "column, or a function from pixels."
            ),
        ),
        (
            {"labels": np.ones((24, 3)), "predictions": np.ones((16, 2))},
            (
                "`embeddings` has 3 numbers for a label and 2 for a prediction. Embed both with "
                "the same model: they are compared."
            ),
        ),
    ],
)
def test_what_is_no_embedding_is_refused(embeddings, message):
    with pytest.raises(InvalidInputError) as caught:
        quietly(make(), embeddings=embeddings)
    assert str(caught.value) == message


def test_a_column_without_vectors_is_missing_there():
    whole = quietly(make(**VECTORS))
    for empty in ([None] * 2 * N, [np.nan] * 2 * N, [pd.NA] * 2 * N):
        found = quietly(make(**VECTORS | {"predictions": empty}))
        assert found.predictions["Object Annotation Quality"].isna().all()
        own = [column for column in found.labels.columns if column != "embedding"]
        pd.testing.assert_frame_equal(found.labels[own], whole.labels[own])
    found = quietly(make(**VECTORS | {"labels": [None] * 3 * N}))
    for frame in (found.labels, found.predictions):
        assert frame["Object Annotation Quality"].isna().all()
    found = quietly(make(**VECTORS | {"images": [None] * N}))
    assert found.images[["Image Singularity", "Image Diversity"]].isna().all(axis=None)
    some = quietly(make(**VECTORS | {"images": [None, *VECTORS["images"][1:]]}))
    assert some.images["Image Singularity"].isna().tolist() == [True] + [False] * (N - 1)


@pytest.mark.parametrize("given", [None, {"labels": "embedding", "predictions": "embedding"}])
def test_no_predictions_have_no_vectors(given):
    dataset = make(**VECTORS)
    none = dataset.predictions.iloc[:0]
    dataset = ea.Dataset.from_frames(dataset.images, dataset.labels, none)
    found = quietly(dataset, embeddings=given)
    assert found.labels["Object Annotation Quality"].notna().all()
    assert found.predictions["Object Annotation Quality"].tolist() == []
    arrays = {"labels": VECTORS["labels"], "predictions": []}
    also = quietly(dataset, embeddings=arrays).labels["Object Annotation Quality"]
    assert_array_equal(also, found.labels["Object Annotation Quality"])


@pytest.mark.parametrize(
    "odd", [["a", "b"], [1, [2, 3]], [[1, 2], [3, 4]], 3.5, "12", ["1", "x"], [10**400, 1], {1: 2}]
)
def test_a_column_that_holds_no_vectors_is_refused(odd):
    with pytest.raises(InvalidInputError) as caught:
        quietly(make(images=[[1, 2]] * (N - 1) + [odd]))
    shown = repr(odd) if len(repr(odd)) <= 80 else f"{repr(odd)[:77]}..."
    assert str(caught.value) == (
        f"`images.embedding` holds no list of numbers in 1 row: {shown} (row 7). "
        "Give one list of numbers per row, all of one length, or None."
    )


def test_an_array_of_too_large_numbers_is_refused():
    with pytest.raises(InvalidInputError) as caught:
        quietly(make(), embeddings={"images": [[10**400, 1]] * N})
    assert str(caught.value) == (
        "`embeddings['images']` is not an array of numbers. Give shape (rows, numbers per row)."
    )


def test_a_column_of_vectors_of_two_lengths_is_refused():
    ragged = [[1.0, 2.0]] * (N - 1) + [[1.0]]
    with pytest.raises(InvalidInputError) as caught:
        quietly(make(images=ragged))
    assert str(caught.value) == (
        "`embeddings` holds vectors of lengths [1, 2]. Give one list of numbers per row, all of "
        "one length."
    )
