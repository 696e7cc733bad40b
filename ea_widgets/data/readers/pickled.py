"""Pickled results are refused in words: nothing is unpickled, since a pickle can run any code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ea_widgets.data.readers.opening import describe
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_TORCH = frozenset({".pth", ".pt", ".ckpt"})
_SUFFIXES = _TORCH | {".pkl", ".pickle"}
_PICKLE = b"\x80"
_PROTOCOLS = range(2, 6)


class PickledReader:
    """Recognises pickles, of MMDetection (``results.pkl``) and of PyTorch, and refuses them."""

    def recognises(self, given: Given) -> bool:
        """Tell whether a file is a pickle, by its first bytes or its ending."""
        if given.path is None or given.is_folder:
            return False
        head = given.head[:2]
        is_pickle = head[:1] == _PICKLE and len(head) > 1 and head[1] in _PROTOCOLS
        return is_pickle or given.path.suffix.lower() in _SUFFIXES

    def read_labels(self, given: Given) -> NoReturn:
        """Refuse.

        Raises
        ------
        InvalidInputError
            Always.
        """
        raise self._refusal(given, "Give labels in a format of text, such as COCO's.")

    def read_predictions(self, given: Given) -> NoReturn:
        """Refuse, and say what to give instead.

        Raises
        ------
        InvalidInputError
            Always.
        """
        is_torch = given.path is not None and given.path.suffix.lower() in _TORCH
        raise self._refusal(
            given,
            "Detectron2 writes `coco_instances_results.json` beside it: give that."
            if is_torch
            else "Let MMDetection write JSON, with `format_only=True` and `outfile_prefix` of the "
            "test evaluator (`--format-only` before version 3), and give its `*.bbox.json`. Or "
            "load the file yourself, if you trust it, and give what is in it.",
        )

    def _refusal(self, given: Given, remedy: str) -> InvalidInputError:
        return InvalidInputError(
            given.field,
            f"{describe(given)}, a pickle, which is never opened here: it can run any code",
            remedy,
        )
