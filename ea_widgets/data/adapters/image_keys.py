"""Which image each item of a list or mapping belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ea_widgets.data.adapters.rows import as_array
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given


def items_by_image(given: Given, keys: list[Any] | None = None) -> tuple[list[Any], list[Any]]:
    """Give the id of each image and what was given for it.

    Parameters
    ----------
    given : Given
        A mapping from image id or file name; or a list, in the order of the labels' own list of
        images, or of the predictions' for labels.
    keys : list, optional
        Ids of the images that a list is of. Default: what the other side says.

    Returns
    -------
    keys, items : list
        As many as there are images.

    Raises
    ------
    InvalidInputError
        If a list is of another length than the images, or nothing says which images it is of.
    """
    source = given.source
    if isinstance(source, Mapping):
        return list(source), list(source.values())
    items = list(source)
    other = "predictions" if given.field == "labels" else "labels"
    keys = image_keys(given.partner) if keys is None else keys
    if keys is None:
        raise InvalidInputError(
            given.field,
            f"is a list, and `{other}` does not say which image each of its items belongs to",
            "Give a dict from image id or file name to each item.",
        )
    if len(keys) != len(items):
        raise InvalidInputError(
            given.field,
            f"is of {len(items):,} images, and `{other}` of {len(keys):,}",
            "Give one item for each image, in the same order, or a dict from image id or file "
            "name to each item.",
        )
    return keys, items


def image_keys(source: Any) -> list[Any] | None:
    """List the images of something that keeps an order of them; None of anything else.

    Parameters
    ----------
    source : object
        A list, of which positions are the ids; a supervision.DetectionDataset; or a dataset of
        Hugging Face.

    Returns
    -------
    list or None
    """
    if isinstance(source, list | tuple):
        return list(range(len(source)))
    if hasattr(source, "image_paths") and hasattr(source, "annotations"):
        return list(source.image_paths)
    if hasattr(source, "features") and hasattr(source, "column_names"):
        if "image_id" in source.column_names:
            return list(as_array(source["image_id"][:]).tolist())
        return list(range(len(source)))
    return None
