"""A detector of handwritten digits, made of scikit-learn's estimators.

Two stages, like the detectors of our users: a small network looks at every window and proposes
the best; a larger one, which has seen such proposals, names the digit or says "background"; a
linear model moves the box; then non-maximum suppression, whatever the digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ea_widgets.data.demo.features import DETECTED_STEPS, Windows, windows_of
from ea_widgets.data.demo.geometry import apply_moves, square_corners, suppress

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.linear_model import Ridge
    from sklearn.neural_network import MLPClassifier

BACKGROUND = 10
"""The class after the ten digits."""

_PROPOSALS = 150
_LOOKED_AT = 4_000
_PROPOSAL_OVERLAP = 0.7
_BOX_OVERLAP = 0.55
_LEAST_CONFIDENCE = 0.1


@dataclass(frozen=True)
class Detections:
    """What the detector found in one picture, most confident first.

    Parameters
    ----------
    boxes : ndarray of float64, shape (n, 4)
        ``[x, y, width, height]`` in pixels.
    digits : ndarray of int64, shape (n,)
        0 to 9.
    confidences : ndarray of float64, shape (n,)
        Probability of the digit, in [0.1, 1].
    """

    boxes: NDArray[np.float64]
    digits: NDArray[np.int64]
    confidences: NDArray[np.float64]


@dataclass(frozen=True)
class Detector:
    """The three trained estimators; see `ea_widgets.data.demo.training`.

    Parameters
    ----------
    proposer : MLPClassifier
        Digit or background, for any window.
    namer : MLPClassifier
        Digit or background, for proposed windows.
    mover : Ridge
        From the square of a window to the box of its digit.
    """

    proposer: MLPClassifier
    namer: MLPClassifier
    mover: Ridge

    def detect(self, pixels: NDArray[np.uint8], resolution: float = 1.0) -> Detections:
        """Find digits in a picture.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (height, width, 3)
            RGB.
        resolution : float, default 1.0
            Sides of what the detector is given over those of the picture.

        Returns
        -------
        Detections
            Those of probability 0.1 or more.
        """
        height, width = (max(round(side * resolution), 1) for side in pixels.shape[:2])
        picture = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR)
        seen = np.asarray(picture) if resolution != 1 else pixels
        windows = propose(self.proposer, windows_of(seen, DETECTED_STEPS))
        shares = probabilities(self.namer, windows.features)
        boxes = apply_moves(windows.squares, self.mover.predict(windows.features), seen.shape)
        boxes *= np.tile([pixels.shape[1] / width, pixels.shape[0] / height], 2)
        digits = shares[:, :BACKGROUND].argmax(axis=1)
        confidences = shares[np.arange(len(digits)), digits].astype(np.float64)
        likely = np.flatnonzero(confidences >= _LEAST_CONFIDENCE)
        kept = likely[suppress(boxes[likely], confidences[likely], _BOX_OVERLAP, _PROPOSALS)]
        low, high = boxes[kept, :2], boxes[kept, 2:]
        return Detections(
            boxes=np.concatenate([low, high - low], axis=1),
            digits=digits[kept].astype(np.int64),
            confidences=confidences[kept],
        )


def propose(proposer: MLPClassifier, windows: Windows) -> Windows:
    """Keep the 150 windows that look most like a digit of any kind.

    Parameters
    ----------
    proposer : MLPClassifier
        Trained with ``BACKGROUND`` as its last class.
    windows : Windows
        All windows of a picture.

    Returns
    -------
    Windows
        Best first; none overlaps another by more than 0.7.
    """
    scores = 1.0 - probabilities(proposer, windows.features)[:, BACKGROUND]
    best = np.argsort(-scores, kind="stable")[:_LOOKED_AT]
    squares = square_corners(windows.squares[best])
    kept = best[suppress(squares, scores[best], _PROPOSAL_OVERLAP, _PROPOSALS)]
    return Windows(features=windows.features[kept], squares=windows.squares[kept])


def probabilities(network: MLPClassifier, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Do what ``network.predict_proba`` does, without its checks: windows come by the 30,000.

    Parameters
    ----------
    network : MLPClassifier
        With one hidden layer of rectified linear units.
    features : ndarray of float32, shape (n, n_features)
        Histograms of windows.

    Returns
    -------
    ndarray of float32, shape (n, n_classes)
        Rows add up to 1.
    """
    first, second = (weights.astype(np.float32) for weights in network.coefs_)
    shift, last_shift = (weights.astype(np.float32) for weights in network.intercepts_)
    scores = np.maximum(features @ first + shift, 0) @ second + last_shift
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True))
