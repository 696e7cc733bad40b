"""Pairs of models on the same simulated labels, whose outcomes are alike."""

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

import ea_widgets as ea

BOX = {"y": 0.0, "width": 10.0, "height": 10.0}
N_METRICS = 5


def scene(rng, n_images=80, n_objects=12, spread=0.8):
    """Labels with metrics, of images that differ in difficulty; found with these probabilities."""
    image = np.repeat(np.arange(n_images), n_objects)
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": 10_000, "height": 100})
    images["Light"] = rng.random(n_images)
    labels = pd.DataFrame(
        {
            "image_id": image,
            "class_name": np.where(rng.random(len(image)) < 0.7, "cat", "dog"),
            "x": 20.0 * np.tile(np.arange(n_objects), n_images),
            **BOX,
        }
    )
    for number in range(N_METRICS):
        labels[f"m{number}"] = rng.random(len(image))
    hardness = rng.normal(0, spread, n_images)[image]
    chance = expit(0.8 + 1.5 * (labels["m0"].to_numpy() - 0.5) - hardness)
    return images, labels, chance


def found_by(chance, shared, rng, alike=0.7):
    """Labels found: outcomes of two models are alike where they share a part of their luck."""
    own = rng.normal(size=len(chance))
    luck = norm.cdf(np.sqrt(alike) * shared + np.sqrt(1 - alike) * own)
    return luck < chance


def model(images, labels, found, rng, more=2.0):
    """Make a dataset of a model that finds these labels, with false positives of its own."""
    columns = [c for c in labels if c.startswith("m")]
    wrong = np.repeat(images["image_id"].to_numpy(), rng.poisson(more, len(images)))
    extra = pd.DataFrame(
        {
            "image_id": wrong,
            "class_name": np.where(rng.random(len(wrong)) < 0.7, "cat", "dog"),
            "x": 5_000.0 + 20 * rng.permutation(len(wrong)) % 4_000,
            **BOX,
        }
    )
    for name in columns:
        extra[name] = rng.random(len(wrong))
    predictions = pd.concat([labels[found], extra], ignore_index=True)
    predictions["confidence"] = rng.random(len(predictions))
    return ea.Dataset.from_frames(images, labels, predictions)


def pair(rng, lower=None, **options):
    """Compare two models; `lower` lowers the chances of the second one."""
    images, labels, chance = scene(rng, **options)
    shared = rng.normal(size=len(chance))
    old = found_by(chance, shared, rng)
    new = found_by(chance if lower is None else lower(labels, chance), shared, rng)
    return ea.compare(
        {"old": model(images, labels, old, rng), "new": model(images, labels, new, rng)}
    )
