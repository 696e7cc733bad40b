"""Folders of files for tests of readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files, and the folders they are in."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def write_images(folder: Path, *names: str, size: tuple[int, int] = (200, 100)) -> None:
    """Write grey images of one size."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size).save(path)
