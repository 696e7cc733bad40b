"""Train the detector on digits and scenes that are not shipped."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier
from tqdm.auto import tqdm

from ea_widgets.data.demo.detector import BACKGROUND, Detector, probabilities, propose
from ea_widgets.data.demo.digits import SEED
from ea_widgets.data.demo.features import windows_of
from ea_widgets.data.demo.geometry import moves_to, overlap, square_corners, squares_around
from ea_widgets.data.demo.scenes import build_scene, from_jpeg, to_jpeg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.demo.scenes import Scene

TRAINING_SCENES = 700

_HIT = 0.55
_EMPTY = 0.3
_WINDOWS_PER_DIGIT = 12
_EMPTY_WINDOWS = 40
_HARD_WINDOWS = 100

Picture = tuple["Scene", "NDArray[np.uint8]"]


def train(n_scenes: int = TRAINING_SCENES) -> Detector:
    """Train the three estimators.

    Parameters
    ----------
    n_scenes : int, default 700
        Number of training scenes; half of them train the first stage. 40 or more, so that the
        first few hold every digit.

    Returns
    -------
    Detector
        The same one each time, up to the versions of scikit-learn and its libraries.
    """
    pictures: list[Picture] = []
    for index in tqdm(range(n_scenes), desc="Training scenes"):
        scene = build_scene("train", index)
        pictures.append((scene, from_jpeg(to_jpeg(scene.pixels))))
    proposer, mover = _train_first_stage(pictures[: n_scenes // 2])
    features, names = [], []
    for scene, pixels in tqdm(pictures, desc="Second stage"):
        windows = propose(proposer, windows_of(pixels))
        best, label = _nearest(windows.squares, scene)
        features.append(windows.features)
        names.append(np.where(best >= 0.5, _names(scene, label), BACKGROUND))
    namer = _fit(_network(128, alpha=0.5, rounds=10), features, names)
    return Detector(proposer=proposer, namer=namer, mover=mover)


def _train_first_stage(pictures: Sequence[Picture]) -> tuple[MLPClassifier, Ridge]:
    """Train on windows around the digits and on background.

    A quarter of the pictures gives a first network; in the others, background which that network
    takes for a digit is added to background at random.
    """
    rng = np.random.default_rng([SEED, 4])
    features: list[NDArray[np.float32]] = []
    names: list[NDArray[np.int64]] = []
    moving, moves = [], []
    proposer: MLPClassifier | None = None
    for number, (scene, pixels) in enumerate(tqdm(pictures, desc="First stage")):
        if number == len(pictures) // 4:
            proposer = _fit(_network(48, alpha=0.1, rounds=12), features, names)
        windows = windows_of(pixels)
        best, label = _nearest(windows.squares, scene)
        hit, empty = np.flatnonzero(best >= _HIT), np.flatnonzero(best < _EMPTY)
        hit = rng.permutation(hit)[: _WINDOWS_PER_DIGIT * len(scene.digits)]
        chosen = [hit, rng.choice(empty, _EMPTY_WINDOWS, replace=False)]
        if proposer is not None:
            score = probabilities(proposer, windows.features[empty])[:, BACKGROUND]
            chosen.append(empty[np.argsort(score, kind="stable")[: 2 * _HARD_WINDOWS : 2]])
        rows = np.concatenate(chosen)
        features.append(windows.features[rows])
        names.append(np.where(best[rows] >= _HIT, _names(scene, label[rows]), BACKGROUND))
        if len(hit):
            moving.append(windows.features[hit])
            moves.append(moves_to(windows.squares[hit], scene.boxes[label[hit]]))
    mover = Ridge(alpha=300.0).fit(np.concatenate(moving), np.concatenate(moves))
    return _fit(_network(48, alpha=0.1, rounds=12), features, names), mover


def _network(hidden: int, *, alpha: float, rounds: int) -> MLPClassifier:
    return MLPClassifier(
        hidden_layer_sizes=(hidden,),
        alpha=alpha,
        learning_rate_init=1e-3,
        batch_size=128,
        max_iter=rounds,
        random_state=0,
    )


def _fit(
    network: MLPClassifier,
    features: Sequence[NDArray[np.float32]],
    names: Sequence[NDArray[np.int64]],
) -> MLPClassifier:
    """Fit for the set number of rounds; that it could go on is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(np.concatenate(features), np.concatenate(names))


def _names(scene: Scene, label: NDArray[np.intp]) -> NDArray[Any]:
    """Give the digits of some labels; background in a scene without any."""
    return scene.digits[label] if len(scene.digits) else np.full(len(label), BACKGROUND)


def _nearest(
    squares: NDArray[np.float64], scene: Scene
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Give each square's best overlap with a label's square, and which label that is."""
    if not len(scene.digits):
        return np.zeros(len(squares)), np.zeros(len(squares), dtype=np.intp)
    shared = overlap(square_corners(squares), square_corners(squares_around(scene.boxes)))
    return shared.max(axis=1), shared.argmax(axis=1)
