"""What people said of likely label errors, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ea_widgets.analysis.label_errors.find import KINDS
from ea_widgets.analysis.label_errors.mend import NOTE, mend
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.writers.cvat import write_cvat
from ea_widgets.data.writers.label_studio import write_label_studio
from ea_widgets.data.writers.output_file import write
from ea_widgets.data.writers.spreadsheet import SpreadsheetTable
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    import os

    import pandas as pd

    from ea_widgets.data.frames import TidyFrames

VERDICTS = ("right", "wrong", "skip")


@dataclass(frozen=True, eq=False)
class LabelVerdicts:
    """Likely label errors, with a verdict on each whether the label is right or wrong.

    Parameters
    ----------
    dataset : Dataset
        Whose labels were judged; it stays as it is.
    table : DataFrame
        As :meth:`View.label_errors` gives it, all or some rows, with a column `verdict`: "wrong"
        (the label is, or is missing), "right", "skip", or nothing yet.

    Raises
    ------
    InvalidInputError
        If a column is missing, or a verdict, kind or id is unknown.

    Examples
    --------
    >>> import ea_widgets as ea
    >>> dataset = ea.load_demo()
    >>> errors = ea.Evaluation(dataset).label_errors("missing").head(3)
    >>> verdicts = LabelVerdicts(dataset, errors.assign(verdict=["wrong", "right", "skip"]))
    >>> verdicts
    LabelVerdicts(3 errors: 1 right, 1 wrong, 1 skip)
    >>> len(verdicts.mended.labels) - len(dataset.labels)
    1
    """

    dataset: Dataset
    table: pd.DataFrame

    def __post_init__(self) -> None:
        if not isinstance(self.dataset, Dataset):
            raise InvalidInputError(
                "dataset", f"is of type {type(self.dataset).__name__}", "Give an ea.Dataset."
            )
        columns = ("kind", "label_id", "prediction_id", "verdict")
        lacking = [name for name in columns if name not in self.table]
        if lacking:
            raise InvalidInputError(
                "table",
                f"lacks the column {lacking[0]!r}",
                "Give what label_errors() returned, with a column 'verdict'.",
            )
        for name, known in (("verdict", VERDICTS), ("kind", KINDS)):
            values = self.table[name].dropna().astype(object)
            odd = values[~values.isin(known)]
            if len(odd):
                raise unknown_option(name, odd.iloc[0], known)
        frames, wrong = self.dataset.frames, self.wrong
        by_prediction = wrong["kind"].isin(["missing", "wrong class", "badly placed"])
        for name, needed, ids in (
            ("label_id", wrong["kind"] != "missing", frames.labels["label_id"]),
            ("prediction_id", by_prediction, frames.predictions["prediction_id"]),
        ):
            unknown = wrong.loc[needed & ~wrong[name].isin(ids), name]
            if len(unknown):
                raise InvalidInputError(
                    name,
                    f"has {unknown.tolist()[0]!r}, which the dataset does not have",
                    "Give the dataset that the errors were found in.",
                )

    @property
    def wrong(self) -> pd.DataFrame:
        """The errors that were confirmed."""
        return self.table[self.table["verdict"] == "wrong"]

    @property
    def counts(self) -> dict[str, int]:
        """How many errors have each verdict."""
        return {name: int((self.table["verdict"] == name).sum()) for name in VERDICTS}

    @cached_property
    def _mended(self) -> tuple[Dataset, pd.Series]:
        return mend(self.dataset, self.wrong)

    @property
    def mended(self) -> Dataset:
        """The dataset with the confirmed errors mended, as the predictions say.

        A missing label is added; a wrong class, or a bad box, becomes that of the prediction; a
        duplicate, and what is no object, is left out. Metrics of labels that are new, or have
        another box, are missing: ``ea.compute_metrics`` gives them. ``ea.Evaluation`` of it says
        what mAP would be.
        """
        return self._mended[0]

    def _to_write(self) -> TidyFrames:
        mended, kinds = self._mended
        frames = mended.frames
        noted = frames.labels.assign(**{NOTE: kinds.array})
        return type(frames)(frames.images, noted, frames.predictions, frames.class_names, ())

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the verdicts as a table; formulas begin with an apostrophe.

        Raises
        ------
        InvalidInputError
            If it cannot be written to.
        """
        write(path, SpreadsheetTable(self.table).to_csv(index=False))

    def to_coco(self, folder: str | os.PathLike[str]) -> None:
        """Write the mended dataset as COCO; `label_error` of a label says what was mended.

        Raises
        ------
        InvalidInputError
            If it cannot be written to.
        """
        Dataset.from_tidy(self._to_write()).to_coco(folder)

    def to_cvat(self, path: str | os.PathLike[str]) -> None:
        """Write the mended labels as "CVAT for images 1.1", with an attribute `label_error`.

        Raises
        ------
        InvalidInputError
            If it cannot be written to.
        """
        write_cvat(self._to_write(), path, (NOTE,))

    def to_label_studio(self, path: str | os.PathLike[str]) -> None:
        """Write the mended labels as tasks of Label Studio, with a choice `label_error`.

        Raises
        ------
        InvalidInputError
            If it cannot be written to.
        """
        write_label_studio(self._to_write(), path, (NOTE,))

    def __repr__(self) -> str:
        said = ", ".join(f"{number:,} {name}" for name, number in self.counts.items())
        return f"LabelVerdicts({len(self.table):,} errors: {said})"
