"""``make supply``: wheel and sdist, built twice, looked into, installed into empty environments."""

from __future__ import annotations

import email
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_MB = 8
SUFFIXES = {"", ".py", ".typed", ".json", ".jpg", ".png", ".npz", ".txt", ".css", ".js", ".md"}
SMOKE = """
import sys, tempfile, pathlib
import ea_widgets as ea
assert "site-packages" in ea.__file__, ea.__file__
for name in ea.__all__:
    getattr(ea, name)
evaluation = ea.Evaluation(ea.load_demo())
assert 0 < evaluation.scores().mean_average_precision < 1
assert len(evaluation.importance())
page = ea.explore(evaluation, metric="Object Area - Relative (P)")
page.close()
file = pathlib.Path(tempfile.mkdtemp()) / "report.html"
assert ea.report(evaluation, file).stat().st_size > 10_000
box = {"image_id": 7, "category_id": 1, "bbox": [8, 8, 9, 9],
       "segmentation": [[8, 8, 17, 8, 17, 17, 8, 17]]}
labels = {"images": [{"id": 7, "width": 64, "height": 48}], "annotations": [{"id": 1, **box}],
          "categories": [{"id": 1, "name": "cat"}]}
dataset = ea.read_coco(labels, [{**box, "score": 0.5}])
try:
    masks = ea.Evaluation(dataset, iou_type="segm").scores().true_positives
except ea.InvalidInputError as error:
    assert "ea_widgets[masks]" in str(error), error
    masks = None
assert masks == (1 if sys.argv[1] == "masks" else None), masks
"""


def run(*command: object, folder: Path = ROOT) -> None:
    """Run a command; its words are printed where it fails."""
    done = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")


def environment(folder: Path, *requirements: object) -> Path:
    """Make an empty environment with some packages; give its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    if requirements:
        run(python, "-m", "pip", "install", "--quiet", *requirements)
    return python


def look_into(wheel: Path) -> None:
    """Refuse a wheel that is too large, or holds what is not ours."""
    size = wheel.stat().st_size / 1e6
    assert size < MOST_MB, f"{size:.1f} MB"
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            top = name.partition("/")[0]
            assert top == "ea_widgets" or top.endswith(".dist-info"), name
            assert "__pycache__" not in name, name
            assert Path(name).suffix in SUFFIXES or top.endswith(".dist-info"), name
        (metadata,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        fields = email.message_from_bytes(archive.read(metadata))
    assert fields["License-Expression"] == "BSD-3-Clause", fields.items()
    print(f"{wheel.name}: {size:.2f} MB")


def main() -> None:
    """Build, compare, install, try."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        python = environment(folder / "build", "hatchling")
        build = (python, "-m", "hatchling", "build")
        for number in (1, 2):
            run(*build, "-d", folder / f"dist{number}")
        first, second = (sorted((folder / f"dist{number}").iterdir()) for number in (1, 2))
        for one, other in zip(first, second, strict=True):
            assert one.read_bytes() == other.read_bytes(), f"{one.name} is not the same twice"
        (sdist,), (wheel,) = (list((folder / "dist1").glob(f"*.{end}")) for end in ("gz", "whl"))
        look_into(wheel)
        with tarfile.open(sdist) as archive:
            archive.extractall(folder / "source", filter="data")
        (source,) = (folder / "source").iterdir()
        run(
            python, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist3", folder=source
        )
        (again,) = (folder / "dist3").iterdir()
        assert again.read_bytes() == wheel.read_bytes(), "the sdist makes another wheel"
        installed = environment(folder / "installed", wheel)
        for extra in ("", "masks"):
            if extra:
                run(installed, "-m", "pip", "install", "--quiet", f"{wheel}[{extra}]")
            run(installed, "-m", "pip", "check")
            run(installed, "-I", "-c", SMOKE, extra, folder=folder)
            print(f"installed with {extra or 'no extra'}: works")
    print("the same bytes twice, and from the sdist")


if __name__ == "__main__":
    sys.exit(main())
