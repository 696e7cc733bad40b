"""The embedded data: photographs with handwritten digits, and a real detector's predictions."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from ea_widgets.data.demo.computed import MODELS, read_with_metrics
from ea_widgets.errors import unknown_option

if TYPE_CHECKING:
    from ea_widgets.data.dataset import Dataset


def load_demo(model: str = "half") -> Dataset:
    """Load the embedded data, with all metrics computed; works offline.

    Handwritten digits of ten classes, "zero" to "nine", painted at many sizes and strengths into
    photographs, some taken at dusk, in fog, out of focus or while moving. The predictions are
    those of a detector made of scikit-learn's estimators and trained on other digits and scenes.
    ``python -m ea_widgets.data.demo.build`` makes it all anew.

    Parameters
    ----------
    model : {"half", "full"}, default "half"
        Resolution at which the detector is given the pictures. At half of it small digits are
        missed; "full" is the remedy, the same detector otherwise.

    Returns
    -------
    Dataset
        460 images, more than 2,000 labels, and the predictions of confidence 0.1 or more.

    Raises
    ------
    InvalidInputError
        If there is no such model.

    Examples
    --------
    >>> import ea_widgets as ea
    >>> ea.load_demo().class_names[:3]
    ('zero', 'one', 'two')
    """
    if model not in MODELS:
        raise unknown_option("model", model, MODELS)
    with as_file(files(__name__) / "files") as folder:
        return read_with_metrics(folder, model)
