"""Where pixels come from: a folder, arrays by image id, or a function."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b, file_digest
from pathlib import Path
from stat import S_ISREG
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.images.decoding import (
    UnreadableImageError,
    read_image_file,
    read_image_size,
    tidy_pixels,
)
from ea_widgets.data.images.file_finder import FileFinder
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"}
)
"""Endings of image files."""

LARGEST_HASHED = 1 << 30
"""Bytes. A larger file goes by size and time of change: a sparse one may claim any size."""

_digest = partial(blake2b, digest_size=16)


@dataclass(frozen=True)
class Mark:
    """What tells an image from others.

    Parameters
    ----------
    text : str
        The fingerprint.
    pixels : ndarray of uint8, optional
        The pixels, where they had to be read for it.
    """

    text: str
    pixels: NDArray[np.uint8] | None = None


class ImageSource(ABC):
    """Gives the pixels of an image."""

    turn: AbstractContextManager[Any] = nullcontext()
    """To be held while reading; a lock where only one thread may read."""

    @abstractmethod
    def read(self, image_id: Any, file_name: str | None = None) -> NDArray[np.uint8]:
        """Give the pixels of one image.

        Parameters
        ----------
        image_id : int or str
            Id in ``dataset.images``.
        file_name : str, optional
            Its file name, where the frame has one.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3) or (height, width)
            RGB, or grey; rotated as EXIF says, without alpha.

        Raises
        ------
        UnreadableImageError
            If there is no such image, or it cannot be read.
        """

    @abstractmethod
    def fingerprint(
        self, image_id: Any, file_name: str | None = None, *, by_content: bool = False
    ) -> str:
        """Give a text that changes when the image does.

        Parameters
        ----------
        image_id : int or str
            Id in ``dataset.images``.
        file_name : str, optional
            Its file name, where the frame has one.
        by_content : bool, default False
            Hash the content of files instead of taking size and time of change. Arrays are
            always hashed.

        Returns
        -------
        str
            The fingerprint.

        Raises
        ------
        UnreadableImageError
            If there is no such image.
        """

    def mark(
        self, image_id: Any, file_name: str | None = None, *, by_content: bool = False
    ) -> Mark:
        """Give the fingerprint, and the pixels if it took reading them."""
        return Mark(self.fingerprint(image_id, file_name, by_content=by_content))

    def size(self, image_id: Any, file_name: str | None = None) -> tuple[int, int] | None:
        """Give width and height of an image in pixels; None where it cannot be had."""
        try:
            height, width = self.read(image_id, file_name).shape[:2]
        except UnreadableImageError:
            return None
        return width, height

    def location(self, folder: Path) -> str:  # noqa: ARG002  # of files only
        """Say where the images lie, seen from a folder of results; "" for arrays."""
        return ""


class FolderSource(ImageSource):
    """Image files in a folder, by ``file_name``, else by its stem, or by ``<image_id>.*``.

    A name that is not there, such as a path of another machine, is looked for by its last parts,
    see :class:`ea_widgets.data.images.file_finder.FileFinder`. A file is only read if it is
    inside the folder once links are followed.

    Parameters
    ----------
    folder : str or Path
        The folder.
    sizes : mapping, optional
        Width and height that the labels state for each image id.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        sizes: Mapping[Any, tuple[float, float]] | None = None,
    ) -> None:
        self._sizes = sizes or {}
        self.folder = Path(folder)
        self._root = os.path.realpath(folder)
        self._stems: dict[str, str] | None = None
        self._finder: FileFinder | None = None

    def path(self, image_id: Any, file_name: str | None = None) -> str:
        """Find the file of an image, or raise UnreadableImageError."""
        if file_name is None:
            file_name = self._by_stem().get(str(image_id))
            if file_name is None:
                raise UnreadableImageError("has no file", f"{image_id}.*")
        try:
            path = os.path.realpath(os.path.join(self._root, file_name))  # noqa: PTH118  # hot
            inside = os.path.commonpath([path, self._root]) == self._root
            if os.path.exists(path):  # noqa: PTH110  # likewise
                if inside:
                    return path
                raise UnreadableImageError("leaves the image folder", file_name)
        except ValueError:  # a null byte, or another drive
            inside = False
        if self._finder is None:
            self._finder = FileFinder(self._root)
        found = self._finder.find(file_name) or self._of_another_type(file_name)
        if found is not None:
            return found
        if not inside:
            raise UnreadableImageError("leaves the image folder", file_name)
        return path

    def _of_another_type(self, file_name: str) -> str | None:
        """Find the file that was converted: ``a.png`` where ``a.jpg`` is named."""
        base = file_name.replace("\\", "/").rpartition("/")[2]
        name = self._by_stem().get(base.rpartition(".")[0])
        if name is None:
            return None
        path = os.path.realpath(os.path.join(self._root, name))  # noqa: PTH118  # hot
        return path if os.path.commonpath([path, self._root]) == self._root else None

    def read(self, image_id: Any, file_name: str | None = None) -> NDArray[np.uint8]:
        """Decode the file of one image."""
        path = self.path(image_id, file_name)
        return read_image_file(path, file_name or str(image_id), self._sizes.get(image_id))

    def size(self, image_id: Any, file_name: str | None = None) -> tuple[int, int] | None:
        """Read the size alone."""
        try:
            return read_image_size(self.path(image_id, file_name))
        except UnreadableImageError:
            return None

    def fingerprint(
        self, image_id: Any, file_name: str | None = None, *, by_content: bool = False
    ) -> str:
        """Path in the folder, size and time of change in nanoseconds; or a hash of the file.

        Of a file that is too large to be hashed as well. What is no regular file has neither.
        """
        path = self.path(image_id, file_name)
        name = file_name or str(image_id)
        try:
            status = os.stat(path)  # noqa: PTH116  # path is text on purpose: hot
            if not S_ISREG(status.st_mode):  # opening a pipe waits for who writes to it
                raise UnreadableImageError("has no file", name)
            if by_content and status.st_size <= LARGEST_HASHED:
                with open(path, "rb") as file:  # noqa: PTH123  # likewise
                    return file_digest(file, _digest).hexdigest()
        except OSError as error:
            raise UnreadableImageError("has no file", name) from error
        inside = path[len(self._root) :].replace(os.sep, "/")
        return f"{status.st_size}-{status.st_mtime_ns}-{inside}"

    def location(self, folder: Path) -> str:
        """Relative, so that images and results stay together when both are moved."""
        try:
            return os.path.relpath(self._root, os.path.realpath(folder)).replace(os.sep, "/")
        except ValueError:  # on another drive
            return self._root

    def _by_stem(self) -> dict[str, str]:
        if self._stems is None:
            try:
                names = sorted(entry.name for entry in os.scandir(self._root) if entry.is_file())
            except OSError:  # the folder went away; asked again, should it come back
                return {}
            stems: dict[str, str] = {}
            for name in names:
                stem, suffix = os.path.splitext(name)  # noqa: PTH122  # likewise
                if suffix.lower() in IMAGE_SUFFIXES:
                    stems.setdefault(stem, name)
            self._stems = stems
        return self._stems

    def __repr__(self) -> str:
        return f"FolderSource({os.fspath(self.folder)!r})"


class FunctionSource(ImageSource):
    """Arrays that a function gives for an image id.

    Parameters
    ----------
    function : callable
        From image id to an array of shape (height, width), or (height, width, c) with 1, 3
        or 4 channels; uint8, uint16, bool, or floats in [0, 1]. Called by one thread at a time.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self.turn = RLock()  # readers of archives and databases seldom allow threads

    def __getstate__(self) -> dict[str, Any]:
        """Leave the lock out: it cannot be pickled, and a copy has its own."""
        return {name: value for name, value in vars(self).items() if name != "turn"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.turn = RLock()

    def read(self, image_id: Any, file_name: str | None = None) -> NDArray[np.uint8]:  # noqa: ARG002  # of files only
        """Call the function and check what it gives."""
        try:
            with self.turn:
                given = self._function(image_id)
        except (Exception, SystemExit) as error:  # the user's function may raise anything
            raise UnreadableImageError(
                "made its function raise", f"{image_id} ({type(error).__name__}: {error})"
            ) from error
        return tidy_pixels(given, str(image_id))

    def fingerprint(
        self,
        image_id: Any,
        file_name: str | None = None,
        *,
        by_content: bool = False,  # noqa: ARG002  # arrays have nothing else to go by
    ) -> str:
        """Hash of the array."""
        return self.mark(image_id, file_name).text

    def mark(
        self,
        image_id: Any,
        file_name: str | None = None,
        *,
        by_content: bool = False,  # noqa: ARG002  # likewise
    ) -> Mark:
        """Hash of the array, and the array: it may be slow to get, and is asked for once."""
        pixels = self.read(image_id, file_name)
        digest = blake2b(np.ascontiguousarray(pixels).data, digest_size=16).hexdigest()
        return Mark(f"{'x'.join(map(str, pixels.shape))}-{digest}", pixels)


class MappingSource(FunctionSource):
    """Arrays in a mapping from image id.

    Parameters
    ----------
    arrays : mapping
        From image id to an array as :class:`FunctionSource` takes.
    """

    def __init__(self, arrays: Mapping[Any, Any]) -> None:
        super().__init__(arrays.__getitem__)
        self._arrays = arrays

    def read(self, image_id: Any, file_name: str | None = None) -> NDArray[np.uint8]:
        """Look the array up and check it."""
        if image_id not in self._arrays:
            raise UnreadableImageError("has no array", str(image_id))
        return super().read(image_id, file_name)


def as_image_source(source: object) -> ImageSource:
    """Make an image source of what a user gives as images.

    Parameters
    ----------
    source : str, path, mapping, callable or ImageSource
        A folder, where a leading "~" is the user's home; arrays by image id; or a function from
        image id to array. Arrays are of shape (height, width), or (height, width, c) with 1, 3
        or 4 channels (the fourth is dropped); uint8, uint16, bool, or floats in [0, 1].

    Returns
    -------
    ImageSource
        The one given, or a new one. Nothing is read yet.

    Raises
    ------
    InvalidInputError
        If the folder does not exist, or the source is of another type.
    """
    if isinstance(source, ImageSource):
        return source
    if isinstance(source, str | os.PathLike):
        folder = os.path.expanduser(source)  # noqa: PTH111  # Path's raises for unknown users
        if not Path(folder).is_dir():
            what = "is a file" if Path(folder).is_file() else "does not exist"
            raise InvalidInputError(
                "images", f"is {folder!r}, which {what}", "Give a folder of images."
            )
        return FolderSource(folder)
    if isinstance(source, Mapping):
        return MappingSource(source)
    if callable(source):
        return FunctionSource(source)
    raise InvalidInputError(
        "images",
        f"is of type {type(source).__name__}",
        "Give a folder, a dict of arrays by image id, or a function from image id to array.",
    )
