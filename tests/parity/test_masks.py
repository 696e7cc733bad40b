"""Overlaps of masks, against pycocotools 2.0.11, and what is refused."""

import builtins

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

import ea_widgets as ea
from ea_widgets.analysis.matching.mask_overlap import MaskOverlap
from ea_widgets.data.masks.encoding import encode_mask
from tests.parity.coco_oracle import HEIGHT, WIDTH, as_rle, draw_mask, runs_of

SIZE = {"width": WIDTH, "height": HEIGHT}
ANYWHERE = {"x": 0, "y": 0, "width": 1, "height": 1}


def frames(label_masks, prediction_masks, images=1, **columns):
    """Objects of one class; their boxes are wrong on purpose, since masks are what counts."""
    image_ids = range(1, images + 1)
    labels, predictions = (
        pd.DataFrame(
            {
                "image_id": [1 + row % images for row in range(len(masks))],
                "class_name": "cat",
                **{key: [value] * len(masks) for key, value in ANYWHERE.items()},
                "segmentation": pd.Series(masks, dtype=object),
            }
        )
        for masks in (label_masks, prediction_masks)
    )
    predictions["x"] += 80
    predictions["confidence"] = 0.5
    return pd.DataFrame({"image_id": image_ids, **SIZE}), labels.assign(**columns), predictions


def dataset(*args, **columns):
    return ea.Dataset.from_frames(*frames(*args, **columns))


def some_masks(seed, n):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        low = rng.integers(0, [WIDTH - 60, HEIGHT - 60])
        yield draw_mask(rng, *low.tolist(), *rng.integers(0, 60, 2).tolist())


@given(
    seed=st.integers(0, 2**32 - 1), n_labels=st.integers(1, 12), n_predictions=st.integers(1, 12)
)
def test_overlaps_of_every_pair(seed, n_labels, n_predictions):
    labels, predictions = (
        list(some_masks(seed, n_labels)),
        list(some_masks(seed + 1, n_predictions)),
    )
    crowd = np.random.default_rng(seed).random(n_labels) < 0.3
    row, column = (index.ravel() for index in np.indices((n_predictions, n_labels)))
    ours = MaskOverlap(dataset(labels, predictions))(row, column, crowd[column])
    theirs = coco_mask.iou(
        [as_rle(mask) for mask in predictions], [as_rle(mask) for mask in labels], crowd.tolist()
    )
    np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)


def test_boxes_that_lie_apart_do_not_hide_masks_that_overlap():
    square = [[10, 10, 30, 10, 30, 30, 10, 30]]
    scores = ea.Evaluation(dataset([square], [square]), "segm").scores(1.0)
    assert scores.true_positives == 1


def test_all_forms_of_one_mask_are_one_mask():
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8, order="F")
    pixels[20:50, 10:40] = 1
    encoded = coco_mask.encode(pixels)
    counts = encoded["counts"]
    polygon = [10, 20, 40, 20, 40, 50, 10, 50]
    forms = [
        [polygon],
        polygon,
        (tuple(polygon),),
        [np.array(polygon, float)],
        [[1.0, 2.0, 3.0, 4.0], polygon],  # quirk PYC-POLYGON: two points enclose nothing
        {"size": [HEIGHT, WIDTH], "counts": counts},
        {"size": (HEIGHT, WIDTH), "counts": counts.decode()},
        {"size": [HEIGHT, WIDTH], "counts": runs_of(pixels)},
        {"size": np.array([HEIGHT, WIDTH]), "counts": np.array(runs_of(pixels))},
    ]
    overlap = MaskOverlap(dataset(forms, forms))
    row, column = (index.ravel() for index in np.indices((len(forms), len(forms))))
    assert (overlap(row, column, np.zeros(len(row), bool)) == 1).all()
    assert (overlap.label_boxes == [10, 20, 30, 30]).all()
    assert (overlap.prediction_areas == 900).all()


def test_more_masks_than_are_measured_at_once():
    masks = list(some_masks(3, 600))  # quirk PYC-AREA255
    overlap = MaskOverlap(dataset(masks, masks[:1]))
    assert overlap.label_areas.tolist() == [int(coco_mask.area(as_rle(mask))) for mask in masks]


def test_empty_masks_overlap_nothing():
    empty = {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}
    scores = ea.Evaluation(dataset([empty], [empty]), "segm").scores(0.0)
    assert (scores.true_positives, scores.false_positives) == (0, 1)


def test_a_dataset_without_predictions_needs_no_masks_of_them():
    images, labels, predictions = frames([[[10, 10, 30, 10, 30, 30]]], [])
    predictions = predictions.drop(columns="segmentation")
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions), "segm")
    assert evaluation.scores().false_negatives == 1


def refusal(label_masks, prediction_masks):
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Evaluation(dataset(label_masks, prediction_masks), iou_type="segm")
    return str(error.value)


SQUARE = [[10, 10, 30, 10, 30, 30, 10, 30]]


def test_objects_without_masks_are_refused():
    assert refusal([SQUARE, None, SQUARE, [], float("nan"), None], [SQUARE]) == (
        "`labels.segmentation` is missing in 4 rows: None (row 1), None (row 3), None (row 4) "
        "and 1 more. Give a mask for every object, or evaluate boxes with iou_type='bbox'."
    )
    images, labels, predictions = frames([SQUARE], [SQUARE])
    without = ea.Dataset.from_frames(images, labels, predictions.drop(columns="segmentation"))
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Evaluation(without, iou_type="segm")
    assert str(error.value) == (
        "`predictions.segmentation` is not there. "
        "Give a mask for every object, or evaluate boxes with iou_type='bbox'."
    )


@pytest.mark.parametrize(
    ("mask", "problem"),
    [
        (
            {"size": [100, 100], "counts": [10_000]},
            f"is 100 x 100 pixels and its image {WIDTH} x {HEIGHT} pixels",
        ),
        ({"size": [HEIGHT, WIDTH], "counts": [5, 5]}, "has run lengths that do not add up to"),
        ({"size": [HEIGHT, WIDTH], "counts": [-5, 18_005]}, "has run lengths that are no whole"),
        ({"size": [HEIGHT, WIDTH], "counts": [0.5, 17_999.5]}, "has run lengths that are no whole"),
        ({"size": [HEIGHT, WIDTH], "counts": []}, "has run lengths that are no whole"),
        ({"size": [HEIGHT, WIDTH], "counts": None}, "has run lengths that are no whole"),
        ({"size": [HEIGHT, WIDTH]}, "is neither a list of polygons nor run lengths"),
        ({"size": [HEIGHT, WIDTH], "counts": "52"}, "has compressed run lengths that cannot be"),
        ({"size": [HEIGHT, WIDTH], "counts": "ü"}, "has compressed run lengths that cannot be"),
        ([[1, 2, 3, 4]], "has no polygon of at least three points"),
        ([[1, 2, 3, 4, 5, 6, 7]], "has a polygon with an odd number of coordinates"),
        ([[1, 2, 3, 4, 5, float("nan")]], "has a coordinate that is not finite or far outside of"),
        ([["a", "b", "c", "d", "e", "f"]], "has coordinates that are text"),
        ([{"size": 3}], "is neither a list of polygons nor run lengths"),
        ([[1, 2, 3, 4, 5, 1e300]], "has a coordinate that is not finite or far outside of"),
        ([[1, 2, 3, 4, -1e7, 6]], "has a coordinate that is not finite or far outside of"),
        ([[[1, 2], [3, 4], [5, 9]]], "has points as pairs, where polygons are flat"),
        ({"size": ["120", "150"], "counts": "52"}, "has the size ['120', '150'], which is not"),
        ("[[1, 2, 3, 4, 5, 6]]", "is text, neither a list of polygons nor run lengths"),
        (np.ones((3, 3), bool), f"is 3 x 3 pixels and its image {WIDTH} x {HEIGHT} pixels"),
        (5.0, "is neither a list of polygons nor run lengths"),
        ([["2", "2", "9", "2", "9", "9"]], "has coordinates that are text"),
        (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH), "is given pixel by pixel, with other"),
        (np.array(5), "is neither a list of polygons nor run lengths"),
    ],
)
def test_broken_masks_are_refused_where_they_are_most(mask, problem):
    message = refusal([SQUARE], [SQUARE, mask, mask])
    assert message.startswith("`predictions.segmentation` is broken in 2 rows: the mask ")
    assert problem in message
    assert message.endswith(
        "(row 2). Masks are polygons or run lengths, of the size of their image."
    )


@pytest.mark.parametrize("mask", [None, [[1, 2, 3, 4]], "text", {"size": [1, 1], "counts": [1]}])
@pytest.mark.parametrize("side", ["labels", "predictions"])
def test_a_few_objects_without_a_mask_are_left_out_and_counted(mask, side):
    given = {"labels": [SQUARE] * 3, "predictions": [SQUARE] * 3}
    clean = ea.Evaluation(ea.Dataset.from_frames(*frames(*given.values())), iou_type="segm")
    given[side] = [SQUARE, mask, SQUARE, SQUARE]
    dataset = ea.Dataset.from_frames(*frames(*given.values()))
    evaluation = ea.Evaluation(dataset, iou_type="segm")
    assert len(getattr(dataset, side)) == 4
    assert len(getattr(evaluation.dataset, side)) == 3
    assert evaluation.scores().to_dict() == pytest.approx(clean.scores().to_dict(), nan_ok=True)
    start = f"1 {side[:-1]} was left out, since masks are evaluated: "
    assert sum(note.startswith(start) for note in evaluation.dataset.notes) == 1
    last = evaluation.dataset.problems.iloc[-1]
    assert (last["source"], last["row"], last["field"]) == (side, 1, "segmentation")
    assert ea.Evaluation(dataset).scores().predictions_used == len(dataset.predictions)


def test_many_broken_masks_are_counted():
    message = refusal([[[1, 2, 3, 4]]] * 5, [SQUARE])
    assert message.startswith("`labels.segmentation` is broken in 5 rows: ")
    assert "(row 2) and 2 more." in message


def test_without_pycocotools_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "pycocotools":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert refusal([SQUARE], [SQUARE]) == (
        "`iou_type` is 'segm', and masks need pycocotools, which is not installed. "
        "Install the extra: `pip install 'ea_widgets[masks]'`."
    )


def test_masks_that_are_compressed_already_are_not_copied():
    encoded = as_rle(SQUARE)
    assert encode_mask(coco_mask, encoded, HEIGHT, WIDTH) is encoded


def test_masks_from_arrays_are_the_masks():
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[10:30, 20:50] = True
    runs = {**as_rle(SQUARE), "size": np.array([HEIGHT, WIDTH])}
    given_ = [
        np.array([20.0, 10, 50, 10, 50, 30, 20, 30]),
        np.array([[20.0, 10, 50, 10, 50, 30, 20, 30]]),
        np.array([np.array([20.0, 10, 50, 10, 50, 30, 20, 30]), None], object)[:1],
        pixels,
    ]
    areas = MaskOverlap(dataset([runs], given_)).prediction_areas
    assert areas.tolist() == [600.0] * 4


def test_masks_survive_a_parquet_file(tmp_path):
    images, labels, predictions = frames(
        [SQUARE, as_rle(SQUARE)],
        [SQUARE, {"size": [HEIGHT, WIDTH], "counts": runs_of(coco_mask.decode(as_rle(SQUARE)))}],
    )
    kinds = [0, 1]
    expected = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions), iou_type="segm")
    sides = []
    for name, frame in (("labels", labels), ("predictions", predictions)):
        parts = []
        for kind in kinds:  # a column of a parquet file holds masks of one kind
            path = tmp_path / f"{name}{kind}.parquet"
            frame.iloc[[kind]].to_parquet(path)
            parts.append(pd.read_parquet(path))
        sides.append(pd.concat(parts))
    again = ea.Evaluation(ea.Dataset.from_frames(images, *sides), iou_type="segm")
    assert again.coco_summary() == pytest.approx(expected.coco_summary(), nan_ok=True, abs=0)


INTERRUPTED = {"size": [HEIGHT, WIDTH], "counts": [100, 50, 0, 50, WIDTH * HEIGHT - 200]}
LATER = {"size": [HEIGHT, WIDTH], "counts": [300, 100, WIDTH * HEIGHT - 400]}


@pytest.mark.parametrize("compressed", [False, True])
def test_empty_runs_in_between_do_not_end_a_union(compressed):
    """PYC-MERGE: the union of two such masks is cut short, that of three never returns."""
    masks = [INTERRUPTED, INTERRUPTED, LATER]
    if compressed:
        masks = [as_rle(mask) for mask in masks]
    images, labels, predictions = frames(masks, masks)
    found = ea.compute_metrics(ea.Dataset.from_frames(images, labels, predictions), n_jobs=1)
    share = 100 / (WIDTH * HEIGHT)
    assert found.labels["Object Area - Relative"].tolist() == pytest.approx([100 * share] * 3)
    assert found.images["Frame Object Density"].tolist() == pytest.approx([200 * share])


@pytest.mark.parametrize("inside", [1, 255, 1.0, True])
@pytest.mark.parametrize("form", [np.array, np.ndarray.tolist])
def test_masks_pixel_by_pixel_are_masks(inside, form):
    pixels = np.zeros((HEIGHT, WIDTH), type(inside) if inside != 255 else np.uint8)
    pixels[10:30, 20:50] = inside
    assert MaskOverlap(dataset([form(pixels)], [SQUARE])).label_areas.tolist() == [600]


def test_polygons_as_many_as_rows_are_polygons():
    many = [SQUARE[0]] * (HEIGHT - 1) + [[1, 2, 3, 4, 5, 9, 1, 1]]
    assert MaskOverlap(dataset([many], [SQUARE])).label_areas[0] > 300
