"""One step of change to data of every kind: values, JSON, text, folders of files, frames.

Each step is drawn from a generator of its own, so that an input is its base and a list of steps,
and stays nearly the same when one of them is left out.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tests.hostile import HOSTILE

if TYPE_CHECKING:
    from numpy.random import Generator

Files = dict[str, bytes]

NUMBERS = (
    *(0, 1, -1, 2, 0.5, -0.3, 1.0000001, 1e-320, 1e308, -1e308, float("nan"), float("inf")),
    *(-float("inf"), 2**31 - 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 0.1 + 0.2),
)
TEXTS = (
    *("", " ", "0", "-1", "1.0", "1e5", "nan", "NaN", "None", "null", "true", "inf", "0x10", "1_0"),
    *("../outside/secret.png", "/etc/hostname", "../../x", ".", "..", "a/../../b", "a\x00b"),
    *("http://localhost:1/a.png", "file:///etc/hostname", "C:\\a\\b.png", "\\\\server\\a", "~"),
    *("\ud800", "\ufeff1", "٣", "a" * 300, "x" * 10_000, "1" * 5_000, *HOSTILE),
)
CONTAINERS: tuple[Any, ...] = ([], {}, [[]], [None], {"a": 1}, [0, 0, 0, 0], [[1, 2]], {"": []})
IN_MEMORY: tuple[Any, ...] = (
    *(np.float32(0.5), np.int64(3), np.nan, np.bool_(1), np.array([1, 2]), np.zeros((0, 4))),
    *(Decimal("0.5"), b"bytes", (1, 2), {1, 2}, object(), pd.NA, pd.NaT, 1j, range(3), lambda: 1),
    *(pd.Timestamp("2020-01-01"), np.array("a"), np.str_("cat"), bytearray(b"x"), slice(1)),
)
TOKENS = re.compile(rb"-?\d+(?:\.\d+)?|[A-Za-z_]+|[^\sA-Za-z0-9_]")
ODD_BYTES = (
    *(b"", b"0", b"-1", b"1e999", b"-1e308", b"9" * 400, b"9" * 5_000, b"nan", b"0x10", b"1_0"),
    *(b"null", b"[]", b"{}", b'""', b"true", b"\xff\xfe", b"\x00", b"\xe2\x80\xa8", b'"', b"<"),
    *(
        b"]",
        b"a" * 5_000,
        b"\r",
        b"\n\n",
        b"\t",
        b"&lt;",
        b"&x;",
        b"<!--",
        b"]]>",
        b"#",
        b"|",
        b"&a",
    ),
    *(b"[" * 3_000, b"<a>" * 3_000, b"../outside/secret.png", b"!!python/object:os.system", b"*a"),
)


def pick(rng: Generator, options: Any) -> Any:
    """Choose one of some things."""
    return options[int(rng.integers(len(options)))]


def odd_value(rng: Generator, *, in_memory: bool = False) -> Any:
    """Give a value that hardly any field is meant to have."""
    kinds: list[Any] = [NUMBERS, NUMBERS, TEXTS, TEXTS, CONTAINERS, (None, True, False)]
    if in_memory:
        kinds.append(IN_MEMORY)
    if rng.random() < 0.01:
        return nested(int(rng.integers(100, 3_000)))
    return copy.copy(pick(rng, pick(rng, kinds)))


def nested(depth: int) -> Any:
    """Lists in lists."""
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def places(value: Any, limit: int = 400) -> list[tuple[Any, Any]]:
    """List the containers and keys at which a value can be changed."""
    found, left = [], [value]
    while left and len(found) < limit:
        one = left.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            found.append((one, key))
            if isinstance(one[key], (dict, list)):
                left.append(one[key])
    return found


def change_value(rng: Generator, value: Any, *, in_memory: bool = False) -> Any:
    """Change a value in place, or give another for it."""
    there = places(value) if isinstance(value, (dict, list)) else []
    if not there or rng.random() < 0.02:
        return odd_value(rng, in_memory=in_memory)
    holder, key = pick(rng, there)
    kind = rng.integers(8)
    if kind <= 3:
        holder[key] = odd_value(rng, in_memory=in_memory)
    elif kind == 4:
        del holder[key]
    elif kind == 5:
        old = holder[key]
        if isinstance(old, bool) or not isinstance(old, (int, float)):
            holder[key] = str(old) if rng.random() < 0.5 else [old]
        else:
            holder[key] = pick(rng, [old * -1, old * 1e9, str(old), old + 0.5, [old], old * 0])
    elif kind == 6:
        other, at = pick(rng, there)
        holder[key] = copy.deepcopy(other[at])
    elif isinstance(holder, list):
        holder.extend(copy.deepcopy(holder[key]) for _ in range(int(rng.integers(1, 60))))
    else:
        name = pick(rng, [pick(rng, TEXTS), key.upper() if isinstance(key, str) else key])
        holder[name] = holder.pop(key)
    return value


def change_text(rng: Generator, text: bytes) -> bytes:
    """Change a token or a line, cut the text, or put bytes into it."""
    kind = rng.integers(8)
    if kind <= 3 and (tokens := list(TOKENS.finditer(text[:20_000]))):
        token = pick(rng, tokens)
        new = pick(rng, ODD_BYTES)
        if kind == 3:
            new = str(pick(rng, TEXTS)).encode("utf-8", "surrogatepass")
        return text[: token.start()] + new + text[token.end() :]
    lines = text.split(b"\n")
    at = int(rng.integers(len(lines)))
    if kind == 4:
        del lines[at]
    elif kind == 5:
        lines[at:at] = [lines[at]] * int(rng.integers(1, 60))
    elif kind == 6:
        other = int(rng.integers(len(lines)))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        where = int(rng.integers(len(text) + 1))
        return pick(rng, [text[:where], text[:where] + rng.bytes(8) + text[where:], text * 2])
    return b"\n".join(lines)


def change_file(rng: Generator, name: str, content: bytes) -> bytes:
    """Change a file as what it is; now and then as mere bytes."""
    if name.endswith(".json") and rng.random() < 0.8:
        try:
            value = change_value(rng, json.loads(content))
            return json.dumps(value).encode("utf-8", "surrogatepass")
        except (ValueError, TypeError, RecursionError):
            pass
    kind = rng.integers(30)
    if kind == 0:
        return gzip.compress(content)
    if kind == 1:
        return content.decode("utf-8", "replace").encode("utf-16")
    if kind == 2:
        return rng.bytes(int(rng.integers(200)))
    if kind == 3:
        return gzip.compress(b"\0" * 50_000_000, 1) if rng.random() < 0.05 else b""
    return change_text(rng, content)


def change_files(rng: Generator, files: Files) -> Files:
    """Change one file of a folder, or which files there are."""
    names = sorted(files)
    if not names:
        return {"a.txt": b"0 1 2 3 4"}
    name = pick(rng, names)
    kind = rng.integers(20)
    if kind == 0:
        del files[name]
    elif kind == 1:
        files[pick(rng, ["a b", "ü", "x" * 200, "a;b", "-", "a.b.c"]) + name[-5:]] = files[name]
    elif kind == 2:
        files[name] = files[pick(rng, names)]
    elif kind == 3:
        files[f"{name}/within.txt"] = files.pop(name)
    else:
        files[name] = change_file(rng, name, files[name])
    return files


def odd_column(rng: Generator, old: pd.Series) -> Any:  # noqa: PLR0911  # one for each kind
    """Give a column of another kind, of as many rows."""
    size = len(old)
    kind = rng.integers(14)
    if kind == 0:
        return old.astype(object)
    if kind == 1:
        return old.astype(str)
    if kind == 2:
        return pd.Series([odd_value(rng, in_memory=True)] * size, dtype=object, index=old.index)
    if kind == 3:
        values = list(old)
        for _ in range(min(size, int(rng.integers(1, 4)))):
            values[int(rng.integers(size))] = odd_value(rng, in_memory=True)
        return pd.Series(values, dtype=object, index=old.index)
    if kind == 4:
        return old.astype("category")
    if kind == 5:
        return pd.Series(pd.array([pd.NA] * size, dtype=pick(rng, ["Int64", "string", "boolean"])),
                         index=old.index)  # fmt: skip
    if kind == 6:
        return pd.Series(rng.choice([0.0, np.nan, np.inf, -1.0, 1e308], size), index=old.index)
    if kind == 7:
        return pd.Series(pd.date_range("1700-01-01", periods=size, freq="D"), index=old.index)
    if kind == 8:
        kind = pick(rng, ["u1", "i8", "f2", "f4", "u8"])
        return pd.Series(rng.integers(0, 255, size).astype(kind), index=old.index)
    if kind == 9:
        return pd.Series([pick(rng, TEXTS) for _ in range(size)], dtype=object, index=old.index)
    if kind == 10:
        return pd.Series(rng.random(size) < 0.5, index=old.index)
    if kind == 11:
        return pd.Series(pd.to_timedelta(rng.random(size), unit="s"), index=old.index)
    if kind == 12:
        return old.iloc[::-1].to_numpy()
    return pd.Series(rng.random(size) + 1j, index=old.index)


def change_frames(rng: Generator, frames: list[Any]) -> list[Any]:
    """Change a column, the rows, the index or the names of one of three frames."""
    at = int(rng.integers(len(frames)))
    frame = frames[at]
    kind = rng.integers(14)
    if not isinstance(frame, pd.DataFrame) or not len(frame.columns):
        return frames
    column = int(rng.integers(len(frame.columns)))
    if kind <= 5:
        named = [frame.iloc[:, i] for i in range(len(frame.columns))]
        try:
            named[column] = pd.Series(odd_column(rng, named[column]), index=frame.index)
        except (ValueError, TypeError, OverflowError):
            return frames
        new = pd.concat(named, axis=1)
        new.columns = frame.columns
        frame = new
    elif kind == 6:
        frame = frame.drop(columns=frame.columns[column])
    elif kind == 7:
        names = list(frame.columns)
        names[column] = pick(rng, [*TEXTS, *(0, None, ("a", "b"), 1.5, "image_id", "class_name")])
        frame = frame.set_axis(names, axis=1)
    elif kind == 8:
        frame = (
            frame.iloc[rng.integers(0, max(len(frame), 1), int(rng.integers(0, 12)))]
            if len(frame)
            else frame
        )
    elif kind == 9:
        indexes = (["a"] * len(frame), rng.random(len(frame)), pd.RangeIndex(5, 5 + len(frame)))
        frame = frame.set_axis(pd.Index(pick(rng, indexes)), axis=0)
    elif kind == 10:
        frame = pd.concat([frame] * int(rng.integers(2, 30)))
    elif kind == 11:
        frame = frame.assign(**{f"extra {rng.integers(3)}": odd_column(rng, frame.iloc[:, 0])})
    elif kind == 12:
        others = [frame.iloc[:0], frame.T, frame.to_dict("list"), frame.to_dict("records"), None]
        frame = pick(rng, [*others, frame.to_numpy(), frame.set_index(list(frame.columns[:2]))])
    else:
        frame = pd.concat([frame, frame.iloc[:, [column]]], axis=1)
    frames[at] = frame
    return frames
