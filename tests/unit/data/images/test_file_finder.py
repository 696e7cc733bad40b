"""Image files by the names that other machines and other people give them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from ea_widgets.data.images.file_finder import FileFinder
from ea_widgets.data.images.sources import FolderSource

CAFE = unicodedata.normalize("NFC", "caf\u00e9.png")


@pytest.fixture
def folder(tmp_path):
    for name in ("a b.png", "one/x.png", "two/x.png", "two/deep/y.PNG"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / unicodedata.normalize("NFD", CAFE)).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("/content/drive/val/a b.png", "a b.png"),
        ("..\\..\\upload\\4\\a b.png", "a b.png"),
        ("https://host.example/data/a%20b.png?sign=1", "a b.png"),
        ("C:\\data\\two\\x.png", "two/x.png"),
        ("elsewhere/one/x.png", "one/x.png"),
        ("Y.png", "two/deep/y.PNG"),
        ("deep/Y.png", "two/deep/y.PNG"),
    ],
)
def test_the_one_file_that_fits_best(folder, name, found):
    root = os.path.realpath(folder)
    assert FileFinder(root).find(name) == f"{root}{os.sep}{found}"


@pytest.mark.parametrize("name", ["x.png", "other/x.png", "none.png", ""])
def test_nothing_where_none_or_two_fit(folder, name):
    assert FileFinder(os.path.realpath(folder)).find(name) is None


def test_other_unicode_forms(folder):
    found = Path(FolderSource(folder).path(0, CAFE))
    assert found.samefile(folder / unicodedata.normalize("NFD", CAFE))


def test_a_name_that_is_no_unicode(tmp_path):
    (tmp_path / "caf\udce9.jpg").touch()  # a byte of Latin-1, as os.listdir gives it
    cleaned = "caf\udce9.jpg".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert FolderSource(tmp_path).path(0, cleaned).endswith("caf\udce9.jpg")


def test_links_out_of_the_folder_are_not_found(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.png").touch()
    (inner / "secret.png").symlink_to(tmp_path / "secret.png")
    assert FileFinder(os.path.realpath(inner)).find("elsewhere/secret.png") is None
