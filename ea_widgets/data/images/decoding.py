"""From files and arrays to RGB or grey pixels in 0..255, safely."""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
"""What is decoded. Others stay closed: some of Pillow's decoders start other programs."""

_OTHER_SUFFIXES = {
    **dict.fromkeys((".heic", ".heif"), "HEIC"),
    ".avif": "AVIF",
    **dict.fromkeys((".jp2", ".j2k", ".jpf", ".jpx"), "JPEG 2000"),
    ".jxl": "JPEG XL",
    ".svg": "SVG",
    ".psd": "PSD",
    ".dcm": "DICOM",
    ".npy": "NumPy",
    ".exr": "OpenEXR",
    ".hdr": "Radiance HDR",
    **dict.fromkeys((".cr2", ".nef", ".arw", ".dng", ".raw"), "raw camera data"),
}

_ORIENTATION = 0x0112
_QUARTER_TURNS = frozenset({5, 6, 7, 8})
_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")


class UnreadableImageError(Exception):
    """Raised when the pixels of an image cannot be had; its metrics are then missing.

    Parameters
    ----------
    problem : str
        What is wrong, as "has no file"; the same text for all images with that problem.
    name : str
        The image, and details.
    """

    def __init__(self, problem: str, name: str) -> None:
        self.problem = problem
        self.name = name
        super().__init__(f"{name} {problem}")

    def __reduce__(self) -> tuple[type[UnreadableImageError], tuple[str, str]]:
        """Pickle with both parts."""
        return type(self), (self.problem, self.name)


@contextmanager
def decoders_kept_quiet() -> Iterator[None]:
    """Ignore what Pillow warns of, such as broken EXIF, while many files are decoded.

    Filters of warnings belong to the process, so this is for the thread that starts the others,
    around all of them. Other modules' warnings are shown as ever.
    """
    with warnings.catch_warnings():
        for category in (UserWarning, Image.DecompressionBombWarning):
            warnings.filterwarnings("ignore", category=category, module=r"PIL\.")
        yield


def read_image_file(
    path: str | os.PathLike[str], name: str, stated: tuple[float, float] | None = None
) -> NDArray[np.uint8]:
    """Decode an image file.

    Parameters
    ----------
    path : str or path
        The file.
    name : str
        What to call it in errors.
    stated : tuple of float, optional
        Width and height that the labels state. Where it is that of the pixels as they are stored,
        and EXIF says to turn them by a quarter, the boxes are of the stored pixels: not rotated.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3) or (height, width)
        RGB, or grey; rotated as EXIF says; alpha dropped; 16 bits scaled to 0..255.

    Raises
    ------
    UnreadableImageError
        If the file is missing, not an image, broken, or larger than
        ``PIL.Image.MAX_IMAGE_PIXELS``.
    """
    if not os.path.isfile(path):  # noqa: PTH113  # hot; never opens a pipe or a device
        raise UnreadableImageError("has no file", name)
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check_size(image, name)
            width, height = image.size
            stored = stated is not None and tuple(stated) == (width, height) and width != height
            return _pixels(image if stored else _upright(image), name)
    except UnreadableImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImageError(_too_large(), name) from error
    except Exception as error:  # Pillow's decoders raise anything
        other = _other_format(path)
        raise UnreadableImageError(
            "is not an image that can be read, or is broken"
            if other is None
            else f"is of the format {other}, which is not decoded: convert it to JPEG or PNG",
            name,
        ) from error


def _other_format(path: str | os.PathLike[str]) -> str | None:
    """Name the format of a file that is not decoded, by content, else by the file's ending."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # as above
            start = file.read(32)
    except OSError:
        return None
    brand = start[8:12] if start[4:8] == b"ftyp" else b""
    if brand in {b"avif", b"avis"}:
        return "AVIF"
    if brand in {b"heic", b"heix", b"hevc", b"mif1", b"msf1"}:
        return "HEIC"
    if start[4:8] == b"jP  " or start[:4] == b"\xff\x4f\xff\x51":
        return "JPEG 2000"
    suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122  # as above
    return _OTHER_SUFFIXES.get(str(suffix))


def read_image_size(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Give width and height of an image file, rotated as EXIF says, without decoding its pixels.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    tuple of int or None
        None if it is no image that can be read.
    """
    if not os.path.isfile(path):  # noqa: PTH113  # never opens a pipe or a device
        return None
    try:
        with Image.open(path, formats=FORMATS) as image:
            quarter = image.getexif().get(_ORIENTATION, 1) in _QUARTER_TURNS
            return (image.height, image.width) if quarter else image.size
    except Exception:  # noqa: BLE001  # Pillow's decoders raise anything
        return None


def _check_size(image: Image.Image, name: str) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise UnreadableImageError(_too_large(), name)


def _too_large() -> str:
    return f"has more than {Image.MAX_IMAGE_PIXELS or 0:,} pixels (PIL.Image.MAX_IMAGE_PIXELS)"


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001  # broken EXIF is no reason to lose the image
        return image
    return image if orientation == 1 else ImageOps.exif_transpose(image)


def _pixels(image: Image.Image, name: str) -> NDArray[np.uint8]:
    if image.mode in _DEEP:
        deep = np.asarray(image)
        if deep.size and (deep.min() < 0 or deep.max() > 65535):
            raise UnreadableImageError("has more than 16 bits a channel", name)
        return tidy_pixels(deep.astype(np.uint16), name)
    if image.mode == "F":
        return tidy_pixels(np.asarray(image), name)
    grey = image.mode in {"1", "L", "LA", "La"}
    mode = "L" if grey else "RGB"
    return np.asarray(image if image.mode == mode else image.convert(mode))


def tidy_pixels(given: Any, name: str) -> NDArray[np.uint8]:
    """Check an array of pixels and bring it to 0..255.

    Parameters
    ----------
    given : array-like
        Shape (height, width), or (height, width, c) with 1, 3 or 4 channels; uint8, uint16,
        bool, or floats in [0, 1].
    name : str
        What to call it in errors.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3) or (height, width)
        RGB, or grey; the fourth channel is dropped.

    Raises
    ------
    UnreadableImageError
        If shape, type or range is another one, or it is no array at all.
    """
    try:
        pixels = np.asarray(given)
    except Exception as error:  # ragged lists, tensors elsewhere: they raise anything
        raise UnreadableImageError(
            "cannot be made an array", f"{name} ({type(error).__name__}: {error})"
        ) from error
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    elif pixels.ndim == 3 and pixels.shape[2] in {3, 4}:
        pixels = pixels[..., :3]
    elif pixels.ndim != 2:
        raise UnreadableImageError(
            "is not an array of shape (height, width), or (height, width, 1, 3 or 4)",
            f"{name} with shape {pixels.shape}",
        )
    if not pixels.size:
        raise UnreadableImageError("has no pixels", name)
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if pixels.dtype == np.bool_:
        return pixels * np.uint8(255)
    if pixels.dtype.kind == "f" and pixels.min() >= 0 and pixels.max() <= 1:  # NaN fails
        return np.rint(pixels.astype(np.float64) * 255).astype(np.uint8)
    raise UnreadableImageError(
        "is not of type uint8, uint16 or bool, or of floats in [0, 1]",
        f"{name} of type {pixels.dtype}",
    )
