"""Pictures of objects side by side; each can be opened from mouse and keyboard."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Image, VBox

from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.data.images.decoding import UnreadableImageError
from ea_widgets.data.images.drawing import draw, placeholder, region_around
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send, text
from ea_widgets.widgets.examples.captions import caption

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.images.drawing import Outline
    from ea_widgets.widgets.examples.captions import Example

TILE = (288, 216)
"""Width and height of a picture in pixels; shown at 168 pixels and wider."""

IMAGES_KEPT = 24
LARGEST_WHOLE = 1100


class Pictures:
    """Draws the images of a data set, in any thread; the last ones stay decoded.

    Parameters
    ----------
    dataset : Dataset
        With `pixels`.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._source = dataset.pixels
        self._images = dataset.frames.images
        self._kept: OrderedDict[int, NDArray[np.uint8] | str] = OrderedDict()
        self._lock = Lock()

    def size(self, image_row: int) -> tuple[float, float]:
        """Width and height of an image as the data set states them."""
        row = self._images.iloc[image_row]
        return float(row["width"]), float(row["height"])

    def crop(
        self,
        example: Example,
        size: tuple[int, int] = TILE,
        below: tuple[Outline, ...] = (),
    ) -> bytes:
        """Draw the surroundings of an object, other boxes below its own.

        Words where the image cannot be read.
        """
        also = [one.box for one in below]
        if example.other_box is not None:
            also.append(example.other_box)
        region = region_around(example.box, self.size(example.image_row), size[0] / size[1], also)
        return self._drawn(example.image_row, region, [*below, *example.outlines()], size)

    def whole(self, example: Example, below: tuple[Outline, ...] = ()) -> bytes:
        """Draw the whole image of an object, other boxes below its own."""
        return self.scene(example.image_row, [*below, *example.outlines(4)])

    def scene(self, image_row: int, outlines: list[Outline]) -> bytes:
        """Draw a whole image with boxes; words where it cannot be read."""
        width, height = self.size(image_row)
        zoom = min(LARGEST_WHOLE / max(width, height, 1.0), 2.5)
        size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
        return self._drawn(image_row, (0.0, 0.0, width, height), outlines, size)

    def _drawn(
        self,
        image_row: int,
        region: tuple[float, float, float, float],
        outlines: list[Outline],
        size: tuple[int, int],
    ) -> bytes:
        pixels = self._pixels(image_row)
        if isinstance(pixels, str):
            return placeholder(pixels, size)
        return draw(pixels, self.size(image_row), region, outlines, size[0])

    def _pixels(self, image_row: int) -> NDArray[np.uint8] | str:
        """Give the pixels of an image, or what is wrong with it."""
        with self._lock:
            if image_row in self._kept:
                self._kept.move_to_end(image_row)
                return self._kept[image_row]
        row = self._images.iloc[image_row]
        name = row.get("file_name")
        try:
            found = self._source.read(row["image_id"], name if isinstance(name, str) else None)
        except UnreadableImageError as error:
            found = f"image {text.elide(error.problem, 30)}"
        with self._lock:
            self._kept[image_row] = found
            while len(self._kept) > IMAGES_KEPT:
                self._kept.popitem(last=False)
        return found


@dataclass(frozen=True)
class Page:
    """Objects with their pictures, ready to be shown.

    Attributes
    ----------
    examples : list of Example
    crops : list of bytes
        A picture of the surroundings of each.
    captions : list of str
        HTML below each.
    """

    examples: list[Example]
    crops: list[bytes]
    captions: list[str]


def develop(
    examples: list[Example],
    pictures: Pictures,
    metric: str,
    unit: str,
    should_stop: Callable[[], bool],
) -> Page:
    """Make a page of pictures: of photographs of 4k, that takes a second.

    Parameters
    ----------
    examples : list of Example
    pictures : Pictures
        Draws them.
    metric, unit : str
        Name of the metric without its level, and its unit; empty without one.
    should_stop : callable
        Asked before each of them.

    Returns
    -------
    Page

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    crops = []
    for example in examples:
        stop_if(should_stop)
        crops.append(pictures.crop(example))
    return Page(examples, crops, [caption(example, metric, unit) for example in examples])


class Tile(VBox):
    """A picture with a button over it and words below it.

    Parameters
    ----------
    on_open : callable
        Called with the tile's index when it is clicked.
    index : int
        Which tile it is.
    """

    def __init__(self, on_open: Callable[[int], None], index: int) -> None:
        self.picture = Image(format="jpeg", layout={"width": "100%", "margin": "0"})
        self.opener = Button(description="whole image", tooltip=wording.WHOLE_HINT)
        self.opener.add_class("eaw-open")
        self.opener.on_click(lambda _button: on_open(index))
        self.words = HTML()
        framed = Box([self.picture, self.opener], layout={"overflow": "hidden"})
        framed.add_class("eaw-frame")
        super().__init__([framed, self.words])
        self.add_class("eaw-tile")

    def show(self, example: Example, crop: bytes, words: str) -> None:
        """Show an object, and words below it as HTML."""
        send(self.picture, value=crop)
        send(self.words, value=words)
        told = text.elide(f"{example.class_name}, {example.verdict}, in {example.image}", 120)
        send(self.opener, tooltip=f"Show the whole image: {told}")


class Gallery(Box):
    """A page of tiles. The tiles are made once and kept.

    Parameters
    ----------
    on_open : callable
        Called with the index of the tile that was clicked.

    Attributes
    ----------
    examples : list of Example
        Those on screen.
    """

    def __init__(self, on_open: Callable[[int], None]) -> None:
        self._on_open = on_open
        self._tiles: list[Tile] = []
        self.examples: list[Example] = []
        super().__init__()
        self.add_class("eaw-gallery")

    def show(self, page: Page) -> None:
        """Show objects."""
        self.examples = page.examples
        examples = page.examples
        while len(self._tiles) < len(examples):
            self._tiles.append(Tile(self._on_open, len(self._tiles)))
        tiles = self._tiles[: len(examples)]
        pictures = zip(examples, page.crops, page.captions, strict=True)
        for tile, (example, crop, words) in zip(tiles, pictures, strict=True):
            tile.show(example, crop, words)
        self.mark(None)
        shown: tuple[Any, ...] = tuple(tiles)
        send(self, children=shown)

    def mark(self, index: int | None) -> None:
        """Show one of the tiles as the one that is looked at; None marks none."""
        for number, tile in enumerate(self._tiles):
            (tile.add_class if number == index else tile.remove_class)("eaw-chosen")
