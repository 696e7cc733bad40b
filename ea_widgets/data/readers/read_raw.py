"""Chooses readers by what was named, or by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.refuse import check_both
from ea_widgets.data.readers.base import READERS, make_reader
from ea_widgets.data.readers.opening import Given, describe, other_kind, shown_path
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from ea_widgets.data.checks.raw_frames import RawFrames
    from ea_widgets.data.readers.base import Reader

WHOLE = frozenset({".json", ".jsonl", ".csv", ".xml"})
"""Endings of files that hold a whole data set."""


def read_raw(
    labels: Any,
    predictions: Any,
    images: Any,
    format_name: str | Mapping[str, str] | None,
    options: Mapping[str, Any] | None,
) -> tuple[RawFrames, RawFrames]:
    """Read labels, and predictions, of any format; arguments as of :func:`ea_widgets.read`.

    Returns
    -------
    labels, predictions : RawFrames

    Raises
    ------
    InvalidInputError
        If no format is recognised or it is unknown, or a file is not of its format.
    """
    check_both(labels, predictions)
    given = _only_file(Given("labels", labels, options, images, predictions), format_name)
    raw = _reader(given, format_name).read_labels(given)
    ids = None if raw.images is None else raw.images["image_id"].tolist()
    given = _only_file(Given("predictions", predictions, options, images, labels, ids), format_name)
    return raw, _reader(given, format_name).read_predictions(given)


def _reader(given: Given, format_name: str | Mapping[str, str] | None) -> Reader:
    """Choose the reader that was named, or the first that recognises what was given."""
    named = format_name.get(given.field) if isinstance(format_name, Mapping) else format_name
    if named is not None:
        if named not in READERS:
            raise unknown_option("format", named, tuple(READERS))
        reader = make_reader(named)
        if _is_for_datumaro(given, format_name) or reader.recognises(given):
            return reader
    other = next((name for name in READERS if make_reader(name).recognises(given)), None)
    # One name is that of the labels; predictions may be of another format.
    if named is not None and (isinstance(format_name, Mapping) or given.field == "labels"):
        if other is None:
            return reader
        if other == "pickle":  # says why it is not opened
            return make_reader(other)
        raise InvalidInputError(
            given.field,
            f"is of the format {other!r}, not {named!r}",
            "`ea.read(labels, predictions)` recognises what it is.",
        )
    if other is not None:
        return make_reader(other)
    _refuse_what_is_none(given)
    raise InvalidInputError(
        given.field,
        f"{describe(given)}, whose format is not recognised",
        f"Known formats: {', '.join(READERS)}. Name one with `format=`.",
    )


def _refuse_what_is_none(given: Given) -> None:
    """Refuse what is not there, an empty folder, and files that hold no annotations at all."""
    if given.path is None:
        return
    if given.is_folder:
        _ = given.rows  # says if its files cannot be read
        if not any(given.path.iterdir()):
            raise InvalidInputError(
                given.field,
                f"is {shown_path(given.path)}, an empty folder",
                "Did the tool write elsewhere? To look at labels alone, give [] as predictions.",
            )
        files = sorted(one.name for one in given.path.iterdir() if one.suffix.lower() in WHOLE)
        if files:
            raise InvalidInputError(
                given.field,
                f"is {shown_path(given.path)}, a folder of several files ({', '.join(files[:3])}"
                f"{', ...' if len(files) > 3 else ''}) that are no data set together",
                f"Give one of them: {str(given.path / files[0])!r}.",
            )
        return
    other = other_kind(given.raw)  # says if there is no such file
    if other is not None:
        raise InvalidInputError(given.field, *other)
    if given.head.startswith((b"[", b"{")):
        _ = given.json  # says where it is cut or broken


def _is_for_datumaro(given: Given, format_name: str | Mapping[str, str] | None) -> bool:
    """Tell whether datumaro was named: it also reads paths that other readers recognise."""
    if isinstance(format_name, Mapping):
        named = format_name.get(given.field)
    else:  # one name is that of the labels
        named = format_name if given.field == "labels" else None
    return named == "datumaro" and given.path is not None


def _only_file(given: Given, format_name: str | Mapping[str, str] | None) -> Given:
    """Take the one file of a folder for the folder, unless a reader knows the folder as it is."""
    if given.path is None or not given.is_folder or _is_for_datumaro(given, format_name):
        return given
    try:
        found = (one for one in given.path.iterdir() if one.is_file() and one.name[0] != ".")
        files = list(islice(found, 2))  # folders of thousands of files are not listed for this
    except OSError:
        return given
    if len(files) != 1 or any(make_reader(name).recognises(given) for name in READERS):
        return given
    return replace(given, source=files[0])
