"""Open Images: boxes in a CSV file, names of classes in another."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.checks.refuse import Source
from ea_widgets.data.readers.opening import Given
from ea_widgets.data.readers.parsing.attributes import typed_column
from ea_widgets.data.readers.parsing.folders import find_images, stem
from ea_widgets.errors import InvalidInputError

_REQUIRED = ("ImageID", "LabelName", "XMin", "XMax", "YMin", "YMax")
_BOX = {"XMin": "x", "YMin": "y", "XMax": "width", "YMax": "height"}
_SCORES = ("Score", "Confidence", "Conf")
_FLAGS = ("IsOccluded", "IsTruncated", "IsDepiction", "IsInside")
_UNKNOWN = frozenset({"-1", "-1.0", ""})
_DESCRIPTIONS = "*class-descriptions*.csv"
_FIELDS = (
    *(("image_id", "ImageID"), ("class_id", "LabelName"), ("class_name", "LabelName")),
    *(("is_crowd", "IsGroupOf"), *((column, name) for name, column in _BOX.items())),
)
_REMEDY = (
    "Open Images' boxes are a CSV file with the columns ImageID, LabelName, XMin, XMax, YMin and "
    "YMax, shares of the image's width and height."
)


class OpenImagesReader:
    """Reads CSV files of Open Images."""

    def recognises(self, given: Given) -> bool:
        """Tell whether the first line names the columns of the format."""
        line = given.head.partition(b"\n")[0]
        return all(name.encode() in line for name in _REQUIRED)

    def read_labels(self, given: Given) -> RawFrames:
        """Read boxes and names of classes; images are those that have a box."""
        cells = _cells(given, _REQUIRED)
        frame = _objects(cells)
        frame["is_crowd"] = _flags(cells, "IsGroupOf")
        known = _descriptions(given)
        if known is None:
            frame = frame.rename(columns={"class_id": "class_name"})
        else:
            spare = [name for name in frame["class_id"].dropna().unique() if name not in known]
            known |= {name: name for name in spare}
        further = [name for name in ("Confidence", "Conf") if name in cells]
        for name in further:  # 1 is a person's word; others are kept
            if not set(cells[name].dropna()) <= {"1", "1.0"}:
                frame[f"Label {name}"] = typed_column(cells[name].tolist())
        ids = frame["image_id"].drop_duplicates().reset_index(drop=True)
        names = _file_names(ids)
        beside = None
        if given.path is not None:
            beside = find_images(given.path.parent, list(map(stem, names.dropna())))
        return RawFrames(
            images=pd.DataFrame({"image_id": ids, "file_name": names}),
            pixels=None if beside is None else beside[0],
            labels=frame,
            categories=None if known is None else [*known.items()],
            boxes="xyxyn",
            sources={"labels": Source("labels", None, _FIELDS)},
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read boxes with scores."""
        cells = _cells(given, _REQUIRED)
        score = next((name for name in _SCORES if name in cells), None)
        if score is None:
            raise InvalidInputError(
                given.field,
                "has neither a column Score nor Confidence",
                f"{_REMEDY} Predictions have one of these besides.",
            )
        frame = _objects(cells)
        known = _descriptions(given)
        if known is None:
            frame = frame.rename(columns={"class_id": "class_name"})
        frame["confidence"] = _decimal(cells[score])
        if "IsGroupOf" in cells:
            frame["IsGroupOf"] = typed_column(_flags(cells, "IsGroupOf").tolist())
        return RawFrames(
            predictions=frame,
            categories=None if known is None else [*known.items()],
            boxes="xyxyn",
            sources={"predictions": Source("predictions", None, (*_FIELDS, ("confidence", score)))},
        )


def _cells(given: Given, required: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read a CSV file as text; empty cells are None."""
    try:
        head = given.head.partition(b"\n")[0]
        frame = pd.read_csv(
            io.BytesIO(given.raw),
            sep=";" if head.count(b";") > head.count(b",") else ",",
            dtype=object,
            keep_default_na=False,
            na_values=[""],
            header=0 if required else None,
            skipinitialspace=True,
        )
    # UnicodeError is a ValueError; the parser's own errors too.
    except (ValueError, OverflowError, MemoryError) as error:
        raise InvalidInputError(given.field, f"is not a CSV file ({error})", _REMEDY) from None
    missing = [name for name in required if name not in frame]
    if missing:
        raise InvalidInputError(
            given.field,
            f"lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}",
            _REMEDY,
        )
    return frame.reset_index(drop=True)


def _objects(cells: pd.DataFrame) -> pd.DataFrame:
    """Give the columns that labels and predictions share."""
    frame = pd.DataFrame(
        {
            "image_id": cells["ImageID"],
            "class_id": cells["LabelName"],
            **{column: _decimal(cells[name]) for name, column in _BOX.items()},
        }
    )
    taken = {*_REQUIRED, *_SCORES, "IsGroupOf", *frame.columns}
    for name in cells.columns:
        if name in taken:
            continue
        values = _flags(cells, name) if name in _FLAGS else cells[name]
        if values.notna().any():
            frame[name] = typed_column(values.tolist())
    return frame


def _decimal(values: pd.Series) -> pd.Series:
    """Give numbers, also with decimal commas; what is no number stays text."""
    numbers = pd.to_numeric(values, errors="coerce")
    odd = numbers.isna() & values.notna()
    if not odd.any():
        return numbers.astype(float)
    commas = pd.to_numeric(values.astype(str).str.replace(",", "."), errors="coerce")
    if not (commas.isna() & odd).any():
        return numbers.fillna(commas).astype(float)
    return numbers.astype(object).where(~odd, values)


def _flags(cells: pd.DataFrame, name: str) -> pd.Series:
    """Give a column of 1, 0 and -1 (unknown) as truth; None where it is unknown or no such."""
    if name not in cells:
        return pd.Series([False] * len(cells), dtype=object)
    given = cells[name].map(lambda cell: None if cell in _UNKNOWN else cell)
    known = {"1": True, "1.0": True, "0": False, "0.0": False}
    return given.map(lambda cell: known.get(cell, cell)).astype(object)


def _file_names(ids: pd.Series) -> pd.Series:
    """Give the names of image files: ids are without their ending, as a rule."""
    return ids.map(
        lambda id_: (id_ if Path(id_).suffix else f"{id_}.jpg") if isinstance(id_, str) else None
    )


def _descriptions(given: Given) -> dict[str, str] | None:
    """Read the names of classes by their ids (``/m/01g317``), from the option or beside."""
    chosen = (given.options or {}).get("class_descriptions")
    if chosen is None:
        beside = []
        if given.path is not None:
            beside = sorted(given.path.parent.glob(_DESCRIPTIONS))
        if len(beside) != 1:
            return None
        chosen = beside[0]
    table = Given("class_descriptions", chosen)
    if not table.raw.strip():
        return {}
    cells = _cells(table)
    if cells.shape[1] < 2:
        raise InvalidInputError(
            "class_descriptions",
            "has one column, not two",
            "Give a CSV file with ids and names of classes.",
        )
    pairs = cells.iloc[:, :2].dropna().astype(str).itertuples(index=False, name=None)
    return {id_: name for id_, name in pairs if id_ != "LabelName"}
