"""The documentation: what its Python says runs, every public name has a page, the site builds."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from PIL import Image

import ea_widgets as ea
from ea_widgets.data.frames import _LEADING
from tests.conftest import ROOT
from tests.docs.readers_folder import write_readers_folder
from tests.scripts import run

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
BLOCK = re.compile(
    r"^(?:<!-- (?P<why>.*?) -->\n)?```python[^\n]*\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL
)
NOT_RUN = re.compile(r"not run: needs \w")
SECONDS = 300


def blocks(page):
    return list(BLOCK.finditer(page.read_text(encoding="utf-8")))


def run_blocks(page):
    return [block["code"] for block in blocks(page) if not block["why"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reader")
    write_readers_folder(folder)
    return folder


@pytest.mark.parametrize("page", [*filter(run_blocks, PAGES)], ids=lambda page: page.stem)
def test_the_python_of_a_page_runs(page, folder):
    run_code(page, run_blocks(page), folder)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page) and not run_blocks(page)], ids=lambda p: p.stem
)
def test_a_recipe_runs_where_its_library_is_installed(page, folder, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    found = blocks(page)
    for block in found:
        pytest.importorskip(re.fullmatch(r"not run: needs (\w+)", block["why"])[1])
    run_code(page, [block["code"] for block in found], folder)


def run_code(page, code, folder):
    warn = "import warnings\nwarnings.filterwarnings('error', module='ea_widgets')\n"
    # A recipe for several processes starts them as a script does.
    inner = indented("\n".join(code))
    script = folder / f"{page.stem}.py"
    script.write_text(f"{warn}if __name__ == '__main__':\n{inner}", encoding="utf-8")
    ended = run(script, folder, SECONDS)
    assert ended.exit_code == 0, ended.output


def indented(code):
    return re.sub(r"^(?=.)", "    ", code, flags=re.MULTILINE)


def test_what_is_not_run_says_what_it_needs():
    reasons = [block["why"] for page in PAGES for block in blocks(page) if block["why"]]
    assert [why for why in reasons if not NOT_RUN.match(why)] == []
    assert sum(len(run_blocks(page)) for page in PAGES) > 4 * len(reasons)


@pytest.mark.parametrize("frame", ["images", "labels", "predictions"])
def test_the_columns_are_listed(frame):
    text = (DOCS / "guides" / "formats.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {frame} \|.*$", text, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == set(_LEADING[frame])


def test_the_picture_of_the_readme_moves_and_is_small():
    path = DOCS / "click.webp"
    assert f"({path.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert path.stat().st_size < 2_000_000
    with Image.open(path) as picture:
        assert picture.n_frames > 10
        picture.seek(picture.n_frames - 1)
        assert picture.width < 1_000


class Page(HTMLParser):
    """What a page of the site loads, and the words on it."""

    def __init__(self, html):
        super().__init__()
        self.loaded, self.words, self.ids = [], "", set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids.add(given.get("id"))
        source = given.get("src") or (given.get("href") if tag == "link" else None)
        if source and given.get("rel") != "canonical":
            self.loaded.append(source)

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly: a warning ends it."""
    built = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", built],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return built


@pytest.fixture(scope="module")
def pages(site):
    return {
        str(path.relative_to(site)): Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
    }


@pytest.mark.parametrize("name", ea.__all__)
def test_every_public_name_has_a_page_with_its_docstring(name, pages):
    page = pages[f"reference/{name}.html"]
    if name != "__version__":
        assert f"ea_widgets.{ea._HOMES[name]}.{name}" in page.ids
        first = re.findall(r"\w+", getattr(ea, name).__doc__)[:4]
        assert re.search(r"\W+".join(first), page.words)


def test_no_role_of_sphinx_is_left_in_the_words(pages):
    left = {name for name, page in pages.items() if re.search(r":\w+:`", page.words)}
    assert left == set()


def test_no_page_loads_anything_from_elsewhere(pages):
    foreign = {
        source
        for page in pages.values()
        for source in page.loaded
        if re.match(r"(https?:)?//", source)
    }
    assert foreign == set()
