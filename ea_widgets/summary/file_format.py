"""A summary as bytes: the same bytes for the same counts."""

from __future__ import annotations

import hashlib
import json
import math
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.errors import InvalidInputError, SummaryFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Listed = tuple[str, np.dtype[Any], tuple[int, ...], int]
    """Name, kind, shape and size of an array."""

MAGIC = b"ea_widgets summary\n"
VERSION = 4
EFFORT = 3
"""Of zlib: 9 takes ten times as long for files that are little smaller."""

KINDS = ("<u1", "<u2", "<u4", "<u8", "<i1", "<i2", "<i4", "<i8")
"""Kinds of whole numbers in the file; each array has the smallest that holds it."""

CHECKSUM = 32

MOST_THREADS = 4
"""Of a process that reads a file."""

MOST_UNPACKED = (1 << 28, 2_000)
"""Bytes of all arrays in memory at most: so many, and so many per byte of the file. Counts are
mostly zeros, but a file of kilobytes that unpacks to gigabytes was made to do harm."""

UNREADABLE = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    zlib.error,
)
"""What parsing raises of bytes that are well packed, but hold no summary."""


def pack(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Put a header and arrays into bytes.

    Parameters
    ----------
    header : dict
        What JSON can hold.
    arrays : dict of str to ndarray
        Whole numbers or float64.

    Returns
    -------
    bytes
        A line that names the format, the length of the header, header, a zlib stream for each kind
        of array in the order of its name, and SHA-256 of all before it.
    """
    listed, body, streams = [], [], []
    # Alike arrays of all classes are packed better together, and streams are read side by side.
    for _, names in groupby(sorted(arrays, key=lambda name: (kind_of(name), name)), kind_of):
        deflate, packed = zlib.compressobj(EFFORT), []
        for name in names:
            small = smallest(arrays[name])
            listed.append([name, small.dtype.str, list(small.shape)])
            packed.append(deflate.compress(small.tobytes()))
        body += [*packed, deflate.flush()]
        streams.append([len(packed), sum(map(len, packed)) + len(body[-1])])
    named = {"version": VERSION, "arrays": listed, "streams": streams}
    text = json.dumps({**header, **named}, sort_keys=True).encode()
    whole = b"".join([MAGIC, len(text).to_bytes(8, "little"), text, *body])
    return whole + hashlib.sha256(whole).digest()


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Take apart what :func:`pack` put together.

    Whole numbers are int64 or, where larger, uint64; counts at IoU thresholds and of groups of
    clusters are as small as they were written.

    Raises
    ------
    SummaryFormatError
        If these are not the bytes of a summary, or not of this version, or damaged.
    """
    if not isinstance(data, bytes) or not data.startswith(MAGIC):
        raise SummaryFormatError(
            "data", "is no summary of ea_widgets", "Give what `to_bytes` or `save` wrote."
        )
    start = len(MAGIC) + 8
    stop = start + int.from_bytes(data[start - 8 : start], "little")
    if hashlib.sha256(data[:-CHECKSUM]).digest() != data[-CHECKSUM:]:
        raise SummaryFormatError("data", "is damaged or cut off", "Copy the file again.")
    with contents():
        return _unpacked(data, start, stop)


@contextmanager
def contents() -> Iterator[None]:
    """Refuse what raises an error while it is parsed: the checksum is right, and all else wrong.

    Raises
    ------
    SummaryFormatError
        In place of the error.
    """
    try:
        yield
    except (*UNREADABLE, InvalidInputError) as error:
        if isinstance(error, SummaryFormatError):
            raise
        raise SummaryFormatError(
            "data", "does not hold the counts of a summary", "Make the summary anew."
        ) from error


def _unpacked(data: bytes, start: int, stop: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    header = json.loads(data[start:stop])
    if header["version"] != VERSION:
        raise SummaryFormatError(
            "data",
            f"has version {header['version']} of the format; version {VERSION} is known here",
            "Read it with the ea_widgets that wrote it, or make it anew.",
        )
    listed = [
        (name, np.dtype(kind), tuple(map(int, shape)), math.prod(map(int, shape)))
        for name, kind, shape in header.pop("arrays")
    ]
    if any(min(shape, default=0) < 0 or dtype.str not in (*KINDS, "<f8", "|u1", "|i1")
           for _, dtype, shape, _ in listed):  # fmt: skip
        raise ValueError("shape or kind")
    if 8 * sum(size for *_, size in listed) > MOST_UNPACKED[0] + MOST_UNPACKED[1] * len(data):
        raise ValueError("too large")
    streams, first = [], 0
    for n_arrays, length in header.pop("streams"):
        streams.append((data[stop : stop + length], listed[first : first + n_arrays]))
        stop, first = stop + length, first + n_arrays
    if stop != len(data) - CHECKSUM or first != len(listed):
        raise ValueError("streams")
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        read = [*pool.map(_read_stream, streams)]
    return header, {name: array for arrays in read for name, array in arrays.items()}


def _read_stream(stream: tuple[bytes, list[Listed]]) -> dict[str, NDArray[Any]]:
    """Unpack the arrays of a stream."""
    packed, listed = stream
    total = sum(dtype.itemsize * size for _, dtype, _, size in listed)
    body, at, arrays = zlib.decompressobj().decompress(packed, total + 1), 0, {}
    if len(body) != total:
        raise ValueError("other arrays")
    for name, dtype, shape, size in listed:
        flat = np.frombuffer(body, dtype, size, at)
        at += size * dtype.itemsize
        if not is_compact(name):
            flat = flat.astype(dtype if dtype.kind == "f" or dtype.str == "<u8" else np.int64)
        arrays[name] = flat.reshape(shape)
    return arrays


def kind_of(name: str) -> str:
    """Give the name of an array without the number of its class."""
    number, _, kind = name.partition(".")
    return kind if number.isdigit() else name


def is_compact(name: str) -> bool:
    """Whether an array, by its name, has the many counts that are kept small, none below 0."""
    if "values" in name or "squares" in name:
        return False
    return "groups." in name or name.endswith(("P.found", "O.found", "P.excluded"))


def smallest(array: NDArray[Any]) -> NDArray[Any]:
    """Give whole numbers the smallest kind that holds them all."""
    if array.dtype.kind == "f":
        return array.astype("<f8", copy=False)
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    for kind in KINDS:
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return array.astype(kind, copy=False)
    raise SummaryFormatError("counts", "do not fit into 64 bits", "Summarize fewer parts.")
