"""Pixels from folders, arrays and functions: every format, and everything that can be wrong."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from ea_widgets.data.images.decoding import UnreadableImageError
from ea_widgets.data.images.sources import LARGEST_HASHED, FolderSource, as_image_source
from ea_widgets.errors import InvalidInputError

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GREY = RGB[..., 0]


def saved(folder, name, image, **options):
    image.save(folder / name, **options)
    return FolderSource(folder).read(0, name)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp", "ppm"])
def test_lossless_formats_give_back_the_pixels(tmp_path, suffix):
    options = {"lossless": True} if suffix == "webp" else {}
    assert_array_equal(saved(tmp_path, f"a.{suffix}", Image.fromarray(RGB), **options), RGB)


def test_jpeg_is_as_pillow_decodes_it(tmp_path):
    found = saved(tmp_path, "a.jpg", Image.fromarray(RGB))
    assert_array_equal(found, np.asarray(Image.open(tmp_path / "a.jpg")))


def test_grey_stays_one_channel(tmp_path):
    assert_array_equal(saved(tmp_path, "a.png", Image.fromarray(GREY)), GREY)
    bits = Image.fromarray(GREY > 127)
    assert_array_equal(saved(tmp_path, "b.png", bits), np.where(GREY > 127, 255, 0))


def test_alpha_is_dropped(tmp_path):
    alpha = np.random.default_rng(1).integers(0, 256, (6, 9, 1), dtype=np.uint8)
    both = Image.fromarray(np.concatenate([RGB, alpha], axis=2))
    assert_array_equal(saved(tmp_path, "a.png", both), RGB)
    grey = Image.fromarray(np.concatenate([GREY[..., None], alpha], axis=2), "LA")
    assert_array_equal(saved(tmp_path, "b.png", grey), GREY)


def test_a_palette_becomes_its_colours(tmp_path):
    image = Image.fromarray(RGB).quantize(7)
    found = saved(tmp_path, "a.png", image, transparency=0)
    assert_array_equal(found, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_sixteen_bits_are_scaled_to_255(tmp_path, suffix):
    deep = np.array([[0, 128, 129, 257], [32896, 65278, 65407, 65535]], dtype=np.uint16)
    found = saved(tmp_path, f"a.{suffix}", Image.fromarray(deep))
    assert_array_equal(found, np.rint(deep / 257))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = saved(tmp_path, "a.png", Image.fromarray(RGB), exif=exif)
    turned = {
        1: RGB,
        2: RGB[:, ::-1],
        3: RGB[::-1, ::-1],
        4: RGB[::-1],
        5: RGB.transpose(1, 0, 2),
        6: np.rot90(RGB, -1),
        7: np.rot90(RGB, -1)[:, ::-1],
        8: np.rot90(RGB),
    }[orientation]
    if orientation == 7:
        turned = RGB.transpose(1, 0, 2)[::-1, ::-1]
    assert_array_equal(found, turned)


def test_files_are_found_by_id_when_there_are_no_names(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "7.png")
    (tmp_path / "7.txt").write_text("a label file beside it")
    source = FolderSource(tmp_path)
    assert_array_equal(source.read(7), RGB)
    assert_array_equal(source.read("7"), RGB)
    with pytest.raises(UnreadableImageError) as caught:
        source.read(8)
    assert (caught.value.problem, caught.value.name) == ("has no file", "8.*")


def test_a_file_that_was_converted_is_found_by_its_stem(tmp_path):
    Image.new("RGB", (5, 4)).save(tmp_path / "a.png")
    source = FolderSource(tmp_path)
    assert source.size(1, "a.jpg") == source.size(1, "C:\\photos\\a.JPEG") == (5, 4)
    assert source.size(1, "b.jpg") is None
    assert source.size(1, "a") is None  # no image's name


def test_a_folder_that_went_away_has_no_files_until_it_is_back(tmp_path):
    folder = tmp_path / "mounted"
    folder.mkdir()
    source = FolderSource(folder)
    folder.rmdir()
    with pytest.raises(UnreadableImageError) as caught:
        source.read(7)
    assert (caught.value.problem, caught.value.name) == ("has no file", "7.*")
    with pytest.raises(UnreadableImageError) as caught:
        source.fingerprint(7)
    assert (caught.value.problem, caught.value.name) == ("has no file", "7.*")
    folder.mkdir()
    Image.fromarray(RGB).save(folder / "7.png")
    assert_array_equal(source.read(7), RGB)


@pytest.mark.parametrize("as_given", [str, Path])
def test_a_tilde_is_the_user_s_home(tmp_path, monkeypatch, as_given):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photos").mkdir()
    assert as_image_source(as_given("~/photos")).folder == tmp_path / "photos"
    with pytest.raises(InvalidInputError) as caught:
        as_image_source(as_given("~/none"))
    assert str(caught.value) == (
        f"`images` is '{tmp_path}/none', which does not exist. Give a folder of images."
    )


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "sub/../../a.png", "a\0.png"])
def test_names_that_leave_the_folder_are_not_read(tmp_path, name):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    (tmp_path / "inner").mkdir()
    with pytest.raises(UnreadableImageError) as caught:
        FolderSource(tmp_path / "inner").read(0, name)
    assert caught.value.problem == "leaves the image folder"


def test_a_link_out_of_the_folder_is_not_followed_but_a_linked_folder_is(tmp_path):
    real, outside = tmp_path / "real", tmp_path / "outside.png"
    real.mkdir()
    Image.fromarray(RGB).save(outside)
    Image.fromarray(RGB).save(real / "inside.png")
    (real / "link.png").symlink_to(outside)
    (tmp_path / "folder").symlink_to(real)
    source = FolderSource(tmp_path / "folder")
    assert_array_equal(source.read(0, "inside.png"), RGB)
    with pytest.raises(UnreadableImageError) as caught:
        source.read(0, "link.png")
    assert caught.value.problem == "leaves the image folder"


def test_a_folder_with_the_folder_s_name_as_its_start_is_outside(tmp_path):
    for name in ("data", "data2"):
        (tmp_path / name).mkdir()
        Image.fromarray(RGB).save(tmp_path / name / "a.png")
    with pytest.raises(UnreadableImageError):
        FolderSource(tmp_path / "data").read(0, "../data2/a.png")


def bomb(width, height):
    """A PNG that claims to be huge; its data would be zeros."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [10_000, 60_000])
def test_bombs_are_not_decoded(tmp_path, monkeypatch, side):
    (tmp_path / "a.png").write_bytes(bomb(side, side))
    monkeypatch.setattr(warnings, "warn", lambda *_, **__: None)  # Pillow's own, on opening
    with pytest.raises(UnreadableImageError) as caught:
        FolderSource(tmp_path).read(0, "a.png")
    assert caught.value.problem == "has more than 89,478,485 pixels (PIL.Image.MAX_IMAGE_PIXELS)"


@pytest.mark.parametrize("kind", ["truncated", "text", "empty", "postscript"])
def test_broken_files_are_named(tmp_path, kind):
    whole = tmp_path / "whole.jpg"
    Image.fromarray(np.tile(RGB, (40, 40, 1))).save(whole)
    content = {
        "truncated": whole.read_bytes()[:3000],
        "text": b"not an image",
        "empty": b"",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
    }[kind]
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(UnreadableImageError) as caught:
        FolderSource(tmp_path).read(0, "a.jpg")
    assert caught.value.problem == "is not an image that can be read, or is broken"
    assert caught.value.name == "a.jpg"


def test_a_pipe_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(UnreadableImageError) as caught:
        FolderSource(tmp_path).read(0, "a.jpg")
    assert caught.value.problem == "has no file"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (RGB, RGB),
        (GREY, GREY),
        (GREY[..., None], GREY),
        (np.concatenate([RGB, GREY[..., None]], axis=2), RGB),
        (RGB / 255, RGB),
        ((RGB / 255).astype(np.float32), RGB),
        (RGB.astype(np.uint16) * 257, RGB),
        (GREY > 99, np.where(GREY > 99, 255, 0)),
    ],
)
def test_arrays_of_every_kind_become_bytes(given, expected):
    for source in ({5: given}, lambda _: given):
        found = as_image_source(source).read(5)
        assert found.dtype == np.uint8
        assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("given", "problem", "name"),
    [
        (RGB.astype(np.int64), "is not of type uint8, uint16 or bool, or of floats in [0, 1]",
         "5 of type int64"),
        (RGB.astype(float), "is not of type uint8, uint16 or bool, or of floats in [0, 1]",
         "5 of type float64"),
        (np.full((2, 2), np.nan), "is not of type uint8, uint16 or bool, or of floats in [0, 1]",
         "5 of type float64"),
        (RGB.transpose(2, 0, 1),
         "is not an array of shape (height, width), or (height, width, 1, 3 or 4)",
         "5 with shape (3, 6, 9)"),
        (RGB[:0], "has no pixels", "5"),
        (None, "is not an array of shape (height, width), or (height, width, 1, 3 or 4)",
         "5 with shape ()"),
        ([[1, 2], [3]], "cannot be made an array",
         ("5 (ValueError: setting an array element with a sequence. The requested array has an "
          "inhomogeneous shape after 1 dimensions. The detected shape was (2,) + inhomogeneous "
          "part.)")),
    ],
)  # fmt: skip
def test_other_arrays_are_named(given, problem, name):
    for source in ({5: given}, lambda _: given):
        with pytest.raises(UnreadableImageError) as caught:
            as_image_source(source).read(5)
        assert (caught.value.problem, caught.value.name) == (problem, name)


def test_a_missing_array_and_a_function_that_raises_are_named():
    with pytest.raises(UnreadableImageError) as caught:
        as_image_source({}).read(5)
    assert (caught.value.problem, caught.value.name) == ("has no array", "5")

    def broken(image_id):
        raise OSError("disk on fire")

    with pytest.raises(UnreadableImageError) as caught:
        as_image_source(broken).read(5)
    assert caught.value.problem == "made its function raise"
    assert caught.value.name == "5 (OSError: disk on fire)"


def test_other_sources_are_refused(tmp_path):
    with pytest.raises(InvalidInputError) as caught:
        as_image_source(3)
    assert str(caught.value) == (
        "`images` is of type int. Give a folder, a dict of arrays by image id, or a function from "
        "image id to array."
    )
    with pytest.raises(InvalidInputError) as caught:
        as_image_source(tmp_path / "none")
    assert str(caught.value) == (
        f"`images` is '{tmp_path}/none', which does not exist. Give a folder of images."
    )


def test_the_place_is_seen_from_the_folder_of_results(tmp_path):
    source = FolderSource(tmp_path / "a" / "images")
    assert source.location(tmp_path / "a" / "cache") == "../images"
    assert source.location(tmp_path / "a" / "images" / "cache") == ".."
    assert as_image_source({}).location(tmp_path) == ""


def test_on_another_drive_the_place_is_the_whole_path(tmp_path, monkeypatch):
    def no_way(path, start):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", no_way)
    assert FolderSource(tmp_path).location(tmp_path / "cache") == os.path.realpath(tmp_path)


def test_fingerprints_follow_the_file_or_its_content(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    source = FolderSource(tmp_path)
    stated, content = (
        source.fingerprint(0, "a.png"),
        source.fingerprint(0, "a.png", by_content=True),
    )
    os.utime(tmp_path / "a.png", ns=(1, 1))
    assert source.fingerprint(0, "a.png") != stated
    assert source.fingerprint(0, "a.png", by_content=True) == content
    Image.fromarray(255 - RGB).save(tmp_path / "a.png")
    assert source.fingerprint(0, "a.png", by_content=True) != content
    Image.fromarray(RGB).save(tmp_path / "twin.png")
    for name in ("a.png", "twin.png"):
        (tmp_path / name).write_bytes(b"equal")
        os.utime(tmp_path / name, ns=(1, 1))
    assert source.fingerprint(0, "a.png") != source.fingerprint(0, "twin.png")
    with pytest.raises(UnreadableImageError):
        source.fingerprint(0, "b.png")
    arrays = as_image_source({0: RGB, 1: RGB.copy(), 2: 255 - RGB})
    assert arrays.fingerprint(0) == arrays.fingerprint(1) != arrays.fingerprint(2)


@pytest.mark.parametrize("by_content", [False, True])
def test_only_regular_files_are_opened(tmp_path, by_content):
    os.mkfifo(tmp_path / "pipe.png")  # opening it would wait for ever
    (tmp_path / "folder.png").mkdir()
    for name in ("pipe.png", "folder.png"):
        with pytest.raises(UnreadableImageError, match="has no file"):
            FolderSource(tmp_path).fingerprint(0, name, by_content=by_content)


def test_a_huge_file_goes_by_size_and_time(tmp_path):
    for name, size in (("huge.png", LARGEST_HASHED + 1), ("small.png", 1 << 20)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)  # takes no room on the disk
    source = FolderSource(tmp_path)
    assert source.fingerprint(0, "huge.png", by_content=True) == source.fingerprint(0, "huge.png")
    right = blake2b(bytes(1 << 20), digest_size=16).hexdigest()
    assert source.fingerprint(0, "small.png", by_content=True) == right
