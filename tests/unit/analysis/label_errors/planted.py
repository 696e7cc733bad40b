"""Scenes with label errors of every kind, 5 % each, and a detector that knows the truth."""

import numpy as np
import pandas as pd

import ea_widgets as ea

CLASSES = np.array(["ant", "bee", "cat", "dog", "elk"])
SHARE = 0.05


def moved(rng, boxes, shift, scale):
    """Boxes shifted by shares of their size, and scaled."""
    size = boxes[:, 2:] * np.exp(rng.normal(0, scale, (len(boxes), 2)))
    centre = boxes[:, :2] + boxes[:, 2:] / 2 + boxes[:, 2:] * rng.normal(0, shift, (len(boxes), 2))
    return np.hstack([centre - size / 2, size])


def frame_of(image, code, boxes, **columns):
    frame = pd.DataFrame(boxes, columns=["x", "y", "width", "height"])
    return frame.assign(image_id=image, class_name=CLASSES[code], **columns)


def planted_errors(seed, n_images=150, per_image=7, found=0.96):
    """Dataset with planted errors, and the truth: sets of ids by kind.

    Of "missing" the ids are those of predictions of objects that lost their label.
    """
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(n_images), rng.poisson(per_image - 1, n_images) + 1)
    n = len(image)
    code = rng.choice(5, n, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    boxes = np.hstack([rng.uniform(0, 540, (n, 2)), np.exp(rng.normal(4, 0.5, (n, 2)))])

    seen = np.flatnonzero(rng.random(n) < found)
    as_class = np.where(rng.random(len(seen)) < 0.06, rng.integers(0, 5, len(seen)), code[seen])
    sure = np.where(as_class == code[seen], rng.beta(5, 1.5, len(seen)), rng.beta(2, 3, len(seen)))
    again = rng.choice(seen, n // 4)
    noise = rng.integers(0, n_images, 2 * n)
    predictions = pd.concat(
        [
            frame_of(image[seen], as_class, moved(rng, boxes[seen], 0.04, 0.06), confidence=sure),
            frame_of(
                image[again],
                code[again],
                moved(rng, boxes[again], 0.2, 0.2),
                confidence=rng.beta(1.2, 8, len(again)),
            ),
            frame_of(
                noise,
                rng.integers(0, 5, len(noise)),
                np.hstack(
                    [
                        rng.uniform(0, 540, (len(noise), 2)),
                        np.exp(rng.normal(4, 0.5, (len(noise), 2))),
                    ]
                ),
                confidence=rng.beta(1, 9, len(noise)),
            ),
        ],
        ignore_index=True,
    )
    predictions["prediction_id"] = np.arange(len(predictions))
    object_of = np.concatenate([seen, again, np.full(len(noise), -1)])

    each = int(SHARE * n)
    lost, swapped, shifted, doubled = np.split(rng.permutation(n)[: 4 * each], 4)
    label_code, label_boxes = code.copy(), boxes.copy()
    label_code[swapped] = (code[swapped] + rng.integers(1, 5, each)) % 5
    angle = rng.uniform(0, 2 * np.pi, each)
    step = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.uniform(0.25, 0.5, (each, 1))
    label_boxes[shifted, :2] += step * boxes[shifted, 2:]
    kept = np.setdiff1d(np.arange(n), lost)
    strange = rng.integers(0, n_images, each)
    labels = pd.concat(
        [
            frame_of(image[kept], label_code[kept], label_boxes[kept], label_id=kept),
            frame_of(
                image[doubled],
                code[doubled],
                moved(rng, boxes[doubled], 0.04, 0.06),
                label_id=n + np.arange(each),
            ),
            frame_of(
                strange,
                rng.integers(0, 5, each),
                np.hstack([rng.uniform(0, 540, (each, 2)), np.exp(rng.normal(4, 0.5, (each, 2)))]),
                label_id=2 * n + np.arange(each),
            ),
        ],
        ignore_index=True,
    )
    truth = {
        "missing": set(predictions["prediction_id"][np.isin(object_of, lost)]),
        "wrong class": set(swapped),
        "badly placed": set(shifted),
        # Which of two equal labels is the copy nothing tells.
        "duplicate": {*doubled, *(n + np.arange(each))},
        "not an object": set(2 * n + np.arange(each)),
    }
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": 640, "height": 640})
    return ea.Dataset.from_frames(images, labels, predictions), truth
