"""A second run computes only what is missing, whatever happened to the first."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tracemalloc
import warnings
from contextlib import closing
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import psutil
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

import ea_widgets as ea
from ea_widgets.data.cache import store as metric_cache
from ea_widgets.data.cache.store import MetricCache, region_key
from ea_widgets.data.catalogue import registry
from ea_widgets.data.images.sources import FolderSource
from ea_widgets.data.metrics import pixel_run
from ea_widgets.errors import InvalidInputError, MetricWarning

N_IMAGES = 6


@pytest.fixture(autouse=True)
def _forget_own_metrics(monkeypatch):
    monkeypatch.setattr(registry, "_OWN", {})


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for row in range(N_IMAGES):
        pixels = np.random.default_rng(row).integers(0, 256, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{row}.png")
    return folder


def make(folder, shift=0.0):
    images = pd.DataFrame({"image_id": np.arange(N_IMAGES), "width": 40, "height": 30})
    labels = pd.DataFrame(
        {
            "image_id": np.repeat(np.arange(N_IMAGES), 2),
            "class_name": ["a", "b"] * N_IMAGES,
            "x": np.arange(2.0 * N_IMAGES),
            "y": 3,
            "width": 9,
            "height": 12,
        }
    )
    predictions = labels.assign(confidence=0.5, y=5 + shift)
    return ea.Dataset.from_frames(images, labels, predictions, pixels=folder)


@pytest.fixture
def reads(monkeypatch):
    """Ids of the images that are decoded."""
    seen = []
    original = FolderSource.read

    def read(self, image_id, file_name=None):
        seen.append(image_id)
        return original(self, image_id, file_name)

    monkeypatch.setattr(FolderSource, "read", read)
    return seen


def compute(dataset, cache=None, metrics=("Brightness", "Sharpness"), **options):
    return ea.compute_metrics(dataset, cache=cache, metrics=metrics, progress=False, **options)


def same(one, other):
    for frame in ("images", "labels", "predictions"):
        pd.testing.assert_frame_equal(getattr(one, frame), getattr(other, frame))


def test_a_second_run_reads_no_pixels_and_finds_the_same(folder, tmp_path, reads, monkeypatch):
    without = compute(make(folder), metrics=None)
    reads.clear()
    first = compute(make(folder), tmp_path / "cache", metrics=None)
    assert sorted(reads) == list(range(N_IMAGES))
    for name in ("annotation_quality", "image_singularity", "image_diversity"):
        monkeypatch.setattr(f"ea_widgets.data.metrics.embedding_run.{name}", None)
    second = compute(make(folder), tmp_path / "cache", metrics=None)
    assert len(reads) == N_IMAGES
    same(first, without)
    same(second, without)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_true_puts_it_beside_the_images(folder, reads):
    compute(make(folder), True)  # noqa: FBT003  # what the user writes
    assert list((folder / ".ea_widgets_cache").glob("*.sqlite"))
    reads.clear()
    compute(make(folder), True)  # noqa: FBT003
    assert reads == []


def test_only_what_changed_is_computed_again(folder, tmp_path, reads):
    cache = tmp_path / "cache"
    compute(make(folder), cache)
    reads.clear()
    os.utime(folder / "2.png", ns=(1, 1))
    compute(make(folder), cache)
    assert reads == [2]
    os.utime(folder / "3.png", ns=(1, 1))
    compute(make(folder), cache, cache_key="content")  # other keys: all anew, and once
    reads.clear()
    os.utime(folder / "3.png", ns=(2, 2))
    compute(make(folder), cache, cache_key="content")
    assert reads == []


def flat(folder, values):
    """Images that differ in nothing but their pixels: equal in size and time."""
    folder.mkdir(parents=True, exist_ok=True)
    for row, value in enumerate(values):
        path = folder / f"{row}.bmp"
        Image.fromarray(np.full((30, 40, 3), value, np.uint8)).save(path)
        os.utime(path, ns=(10**18, 10**18))
    return folder


def test_files_of_equal_size_and_time_are_not_taken_for_each_other(tmp_path, reads):
    cache = tmp_path / "cache"
    one = flat(tmp_path / "one", range(0, 240, 40))
    two = flat(tmp_path / "two", range(5, 245, 40))
    for _ in range(2):
        for folder, start in ((one, 0), (two, 5)):
            found = compute(make(folder), cache)
            assert_array_equal(found.images["Brightness"] * 255, np.arange(start, 240, 40))
    assert len(reads) == 2 * N_IMAGES


def test_images_and_cache_may_move_together(tmp_path, reads):
    flat(tmp_path / "here" / "images", range(0, 240, 40))
    first = compute(make(tmp_path / "here" / "images"), tmp_path / "here" / "cache")
    reads.clear()
    (tmp_path / "here").rename(tmp_path / "there")
    again = compute(make(tmp_path / "there" / "images"), tmp_path / "there" / "cache")
    assert reads == []
    same(first, again)


@pytest.mark.parametrize("kind", [dict, "function"])
def test_arrays_are_asked_for_once(tmp_path, kind):
    calls = []
    arrays = {row: np.full((30, 40), row, np.uint8) for row in range(N_IMAGES - 1)}

    class Counting(dict):
        def __getitem__(self, row):
            calls.append(row)
            return super().__getitem__(row)

    pixels = Counting(arrays)
    known = N_IMAGES - 1 if kind is dict else N_IMAGES  # of a dict it is asked before
    for _ in range(2):
        calls.clear()
        with pytest.warns(MetricWarning, match="1 of 6 images cannot be used"):
            found = compute(make(pixels if kind is dict else pixels.__getitem__), tmp_path / "c")
        assert sorted(calls) == list(range(known))
    assert_array_equal(found.images["Brightness"][:-1] * 255, range(N_IMAGES - 1))


def test_new_predictions_leave_labels_and_frames_alone(folder, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    compute(make(folder), cache)
    wanted = []
    original = pixel_run.measure_image

    def measure(task, source, stop):
        wanted.append({frame for frame, asked in task.wanted.items() if asked})
        return original(task, source, stop)

    monkeypatch.setattr("ea_widgets.data.metrics.pixel_run.measure_image", measure)
    found = compute(make(folder, shift=2), cache)
    assert wanted == [{"predictions"}] * N_IMAGES
    same(found, compute(make(folder, shift=2)))


def test_a_new_metric_computes_only_itself(folder, tmp_path):
    cache = tmp_path / "cache"
    compute(make(folder), cache)
    calls = []
    names = ["Brightness", "Corner"]

    def register(version, scale):
        @ea.metric("Corner", level="image", version=version)
        def corner(image):
            calls.append(scale)
            return float(image[0, 0, 0]) * scale

    register(1, 1)
    first = compute(make(folder), cache, names)
    assert len(calls) == N_IMAGES
    compute(make(folder), cache, names)
    assert len(calls) == N_IMAGES
    register(2, 1)
    compute(make(folder), cache, names)
    assert len(calls) == 2 * N_IMAGES

    @ea.metric("Corner", level="image", version=2)
    def edited(image):
        return float(image[0, 0, 0]) + 1

    again = compute(make(folder), cache, names)
    assert_array_equal(again.images["Corner"], first.images["Corner"] + 1)


def test_vectors_of_a_function_that_is_seen_whole_are_kept(folder, tmp_path):
    calls = []

    def embed(crop):
        calls.append(1)
        return crop.mean(axis=(0, 1))

    options = {"metrics": None, "embeddings": embed}
    right = compute(make(folder), **options)
    number = len(calls)
    assert number == 5 * N_IMAGES
    for _ in range(2):
        same(compute(make(folder), tmp_path / "cache", **options), right)
    assert len(calls) == 2 * number
    outside = make(folder)
    outside = ea.Dataset.from_frames(
        outside.images,
        outside.labels.assign(x=100.0),
        outside.predictions.assign(x=100.0),
        pixels=folder,
    )
    for _ in range(2):
        compute(outside, tmp_path / "cache", **options)
    assert len(calls) == 2 * number


def test_vectors_of_a_model_are_kept_only_with_its_version(folder, tmp_path):
    calls = []
    model = SimpleNamespace(scale=1.0)

    def embed(crop):
        calls.append(1)
        return model.scale * crop.mean(axis=(0, 1)) + [0, 50, 0]

    def run():
        calls.clear()
        found = compute(make(folder), tmp_path / "cache", None, embeddings=embed)
        return len(calls), found.images["Image Singularity"]

    number = 5 * N_IMAGES
    with pytest.warns(MetricWarning) as caught:
        assert [run()[0] for _ in range(2)] == [number] * 2
    words = (
        "The vectors of your embedding function are not kept in the cache, which cannot look into "
        "what they depend on: `model` of type SimpleNamespace. Give a version, "
        "`embed.version = 1`, and raise it when that changes."
    )
    assert [str(warning.message) for warning in caught] == [words] * 2
    for version in ("ViT-B", "ViT-L", 3, "3"):
        embed.version = version
        assert [run()[0] for _ in range(2)] == [number, 0]
    for same in (np.int64(3), np.str_("3")):
        embed.version = same
        assert run()[0] == 0
    model.scale, embed.version = 9.0, 4
    changed = run()[1]
    assert (changed != compute(make(folder), None, None).images["Image Singularity"]).any()


def test_a_metric_that_reads_a_table_never_gives_old_values(folder, tmp_path, reads):
    table = pd.Series({"gain": 100.0})

    def register(**options):
        @ea.metric("By table", level="image", **options)
        def by_table(image):
            return table["gain"]

    def run():
        reads.clear()
        found = compute(make(folder), tmp_path / "cache", ["By table", "Brightness"])
        return found.images["By table"].unique().tolist(), len(reads), found.notes

    register()
    words = (
        "The values of your metric 'By table' are not kept in the cache, which cannot look into "
        "what they depend on: `table` of type Series. Give a version, "
        "`@ea.metric('By table', ..., version=1)`, and raise it when that changes."
    )
    for gain in (100.0, 200.0):
        table["gain"] = gain
        with pytest.warns(MetricWarning) as caught:
            values, n_reads, notes = run()
        assert (values, n_reads) == ([gain], N_IMAGES)
        assert [str(warning.message) for warning in caught] == [words]
        assert words in notes
    for version in (1, 2):
        table["gain"] = 300.0 * version
        register(version=version)
        assert run()[:2] == ([300.0 * version], N_IMAGES)
        assert run()[:2] == ([300.0 * version], 0)
    register()
    found = compute(make(folder), None, ["By table"])  # without a cache there is nothing to say
    assert found.images["By table"].unique().tolist() == [600.0]


def test_metrics_of_given_vectors_are_kept_with_and_without_pixels(folder, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    vectors = {"images": rng.random((N_IMAGES, 5)), "labels": rng.random((2 * N_IMAGES, 5))}
    names = ["Image Singularity", "Image Diversity", "Object Annotation Quality (O)"]
    options = {"metrics": names, "embeddings": vectors}
    right = compute(make(None), **options)
    for pixels, kind in ((None, "none"), (folder, "files")):
        same(compute(make(pixels), tmp_path / kind, **options), right)
    with monkeypatch.context() as patch:
        for name in ("annotation_quality", "image_singularity", "image_diversity"):
            patch.setattr(f"ea_widgets.data.metrics.embedding_run.{name}", None)
        for pixels, kind in ((None, "none"), (folder, "files")):
            same(compute(make(pixels), tmp_path / kind, **options), right)
    with pytest.raises(InvalidInputError) as caught:
        compute(make(None), True, **options)  # noqa: FBT003
    assert str(caught.value) == (
        "`cache` is True, but the images are not files. Give a folder, as `cache='folder'`."
    )
    for cache in (True, tmp_path / "nothing"):
        compute(make(None), cache, ["Border Closeness"])
    assert not (tmp_path / "nothing").exists()


def test_what_was_compared_is_kept_if_the_rest_is_interrupted(tmp_path, monkeypatch):
    vectors = {"images": np.eye(N_IMAGES)}

    def interrupt(*_):
        raise KeyboardInterrupt

    options = {"metrics": ["Image Singularity", "Image Diversity"], "embeddings": vectors}
    with monkeypatch.context() as patch:
        patch.setattr("ea_widgets.data.metrics.embedding_run.image_diversity", interrupt)
        with pytest.raises(KeyboardInterrupt):
            compute(make(None), tmp_path / "cache", **options)
    monkeypatch.setattr("ea_widgets.data.metrics.embedding_run.image_singularity", None)
    compute(make(None), tmp_path / "cache", **options)


def test_what_failed_is_tried_again(folder, tmp_path):
    cache = tmp_path / "cache"
    broken = [True]

    @ea.metric("Flaky", level="image")
    def flaky(image):
        if broken[0]:
            raise RuntimeError("no graphics card")
        return 1.0

    (folder / "4.png").rename(tmp_path / "4.png")
    with pytest.warns(MetricWarning) as caught:
        compute(make(folder), cache, ["Flaky", "Brightness"])
    assert len(caught) == 2
    broken[0] = False
    (tmp_path / "4.png").rename(folder / "4.png")
    found = compute(make(folder), cache, ["Flaky", "Brightness"])
    assert found.images[["Flaky", "Brightness"]].notna().all(axis=None)


DAMAGED = {
    "rubbish": lambda _: b"PAR1 and rubbish",
    "zeros": lambda _: bytes(5000),
    "a cut": lambda content: content[: len(content) // 2],
    "another head": lambda content: b"\0" * 100 + content[100:],
    "version of another library": lambda content: content[:19] + b"\7" + content[20:],
    "rubbish inside": lambda content: content[:4096] + b"x" * (len(content) - 4096),
}


def damaged_words(path):
    return (
        f"The file {str(path)!r} of the cache is damaged and left aside; a new one is begun. It "
        "can be deleted."
    )


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_file_is_left_aside_and_said_once(folder, tmp_path, reads, how):
    cache = tmp_path / "cache"
    first = compute(make(folder), cache)
    (whole,) = cache.iterdir()
    damaged = DAMAGED[how](whole.read_bytes())
    whole.write_bytes(damaged)
    with pytest.warns(MetricWarning) as caught:
        second = compute(make(folder), cache)
    assert [str(warning.message) for warning in caught] == [damaged_words(whole)]
    same(first, second)
    assert len(reads) == 2 * N_IMAGES
    assert whole.read_bytes() == damaged
    same(compute(make(folder), cache), first)  # from the new file, without a word
    assert len(reads) == 2 * N_IMAGES
    assert sorted(path.name for path in cache.iterdir()) == [
        "metrics-1.sqlite",
        "metrics-2.sqlite",
    ]


def test_an_empty_file_is_a_beginning(folder, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "metrics-1.sqlite").touch()  # killed before the first write
    compute(make(folder), cache)
    assert MetricCache(cache).folder == cache
    assert len(list(cache.glob("*.sqlite"))) == 1


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE others (key BLOB)",
        "CREATE VIEW entries AS SELECT 1 AS key, 2 AS label, 3 AS value, 4 AS digest",
        "CREATE TABLE entries (key, label, value, digest); "  # noqa: ISC004
        "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END",
    ],
)
def test_a_database_of_something_else_is_left_alone(folder, tmp_path, schema):
    cache = tmp_path / "cache"
    cache.mkdir()
    with closing(sqlite3.connect(cache / "metrics-1.sqlite")) as other:
        other.executescript(schema)
    with pytest.warns(MetricWarning) as caught:
        compute(make(folder), cache)
    assert [str(warning.message) for warning in caught] == [
        damaged_words(cache / "metrics-1.sqlite")
    ]
    with closing(sqlite3.connect(cache / "metrics-1.sqlite")) as other:
        assert other.execute("SELECT sql FROM sqlite_master").fetchone()[0] in schema


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_left_alone(folder, tmp_path, kind):
    cache = tmp_path / "cache"
    path = cache / "metrics-1.sqlite"
    path.mkdir(parents=True) if kind == "folder" else (cache.mkdir(), os.mkfifo(path))
    with pytest.warns(MetricWarning, match="left aside"):
        first = compute(make(folder), cache)
    same(compute(make(folder), cache), first)


@pytest.mark.parametrize(
    "change",
    [
        "value = zeroblob(length(value))",
        "value = CAST(value AS TEXT)",
        "value = NULL",
        "digest = zeroblob(8)",
        "digest = NULL",
        "label = label || '!'",
        "label = CAST(x'ff' AS TEXT) || label",
        "value = (SELECT value FROM entries AS e WHERE e.key > entries.key ORDER BY e.key LIMIT 1)",
    ],
)
def test_an_entry_that_is_not_what_was_written_is_not_given(folder, tmp_path, change):
    cache = tmp_path / "cache"
    right = compute(make(folder), cache)
    (whole,) = cache.iterdir()
    for _ in range(2):
        with closing(sqlite3.connect(whole)) as database, database:
            database.execute(f"UPDATE OR REPLACE entries SET {change}")  # noqa: S608  # one of the above
        same(compute(make(folder), cache), right)


def test_a_full_disk_ends_the_writing_and_not_the_run(folder, tmp_path, monkeypatch):
    """SQLite's own error, from a file that must not grow."""
    cache = tmp_path / "cache"
    original = metric_cache.open_database

    def full(path):
        database = original(path)
        database.execute("PRAGMA max_page_count = 2")
        return database

    right = compute(make(folder), metrics=None)
    monkeypatch.setattr(metric_cache, "open_database", full)
    monkeypatch.setattr(metric_cache, "SECONDS_BETWEEN_WRITES", -1)  # many times, and said once
    with pytest.warns(MetricWarning) as caught:
        found = compute(make(folder), cache, metrics=None)
    (warning,) = caught
    assert str(warning.message) == (
        f"The cache {str(cache)!r} cannot be written (database or disk is full); the run goes on "
        "without it."
    )
    same(found, right)
    monkeypatch.undo()
    same(compute(make(folder), cache, metrics=None), right)  # the file is sound


def test_what_cannot_be_a_cache_is_refused(folder, tmp_path):
    arrays = {row: np.zeros((30, 40), np.uint8) for row in range(N_IMAGES)}
    with pytest.raises(InvalidInputError) as caught:
        compute(make(arrays), True)  # noqa: FBT003
    assert str(caught.value) == (
        "`cache` is True, but the images are not files. Give a folder, as `cache='folder'`."
    )
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match=r"cannot be made \(File exists\)"):
        compute(make(folder), tmp_path / "file")


def test_entries_are_found_by_key_and_label_and_length(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_cache, "SECONDS_BETWEEN_WRITES", -1)
    with MetricCache(tmp_path) as mine, MetricCache(tmp_path) as other:
        for row in range(4):
            mine.put(bytes([row]) * 16, "a@1", np.array([row, 0.5]))
        other.put(b"o" * 16, "a@1", np.array([9.0]))
        for row in range(4):  # each is there for the other at once
            assert_array_equal(other.get(bytes([row]) * 16, "a@1", np.float64, 2), [row, 0.5])
        assert mine.get(b"o" * 16, "a@1", np.float64, 1) == 9
        assert mine.get(b"o" * 16, "a@2", np.float64, 1) is None
        assert mine.get(b"o" * 16, "a@1", np.float64, 3) is None
        mine.put(b"o" * 16, "a@1", np.array([1.0, 2.0, 3.0]))
        assert_array_equal(other.get(b"o" * 16, "a@1", np.float64, 3), [1, 2, 3])
    assert [path.name for path in tmp_path.iterdir()] == ["metrics-1.sqlite"]


def test_a_find_is_what_a_dict_would_give(tmp_path):
    rng = np.random.default_rng(0)
    known = {}
    with MetricCache(tmp_path) as cache:
        for _ in range(300):
            name = (bytes(rng.integers(0, 3, 2, dtype=np.uint8)) * 8, f"{rng.integers(4)}@1")
            known[name] = rng.random(2)
            cache.put(*name, known[name])
            if rng.random() < 0.1:
                cache.flush()
        cache.flush()
        for first, second, label in product(range(3), range(3), range(5)):
            name = (bytes([first, second]) * 8, f"{label}@1")
            found = cache.get(*name, np.float64, 2)
            assert (found is None) == (name not in known)
            if found is not None:
                assert_array_equal(found, known[name])


def test_two_that_find_the_same_damage_begin_one_file(tmp_path):
    with MetricCache(tmp_path) as cache:
        for row in range(200):
            cache.put(bytes([row]) * 16, "a@1", np.arange(200.0))
    path = tmp_path / "metrics-1.sqlite"
    content = path.read_bytes()
    both = [MetricCache(tmp_path) for _ in range(2)]
    path.write_bytes(content[:4096] + b"x" * (len(content) - 4096))
    with pytest.warns(MetricWarning) as caught:  # noqa: PT031
        for number, cache in enumerate(both):
            assert cache.get(b"\0" * 16, "a@1", np.float64, 200) is None
            cache.put(bytes([number]) * 16, "a@1", np.array([number]))
            cache.close()
    assert [str(warning.message) for warning in caught] == [damaged_words(path)] * 2
    assert sorted(path.name for path in tmp_path.glob("*.sqlite")) == [
        "metrics-1.sqlite",
        "metrics-2.sqlite",
    ]
    with MetricCache(tmp_path) as cache:
        for number in range(2):
            assert cache.get(bytes([number]) * 16, "a@1", np.int64, 1) == number


def test_another_that_writes_for_long_is_waited_for_and_then_left(tmp_path, monkeypatch):
    monkeypatch.setattr("ea_widgets.data.cache.database.SECONDS_OF_WAITING", 0.05)
    cache = MetricCache(tmp_path)
    cache.put(b"k" * 16, "a@1", np.array([1.0]))
    with closing(sqlite3.connect(tmp_path / "metrics-1.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        cache.flush()  # not now, and not a word
        other.execute("COMMIT")
        cache.flush()
        assert cache.get(b"k" * 16, "a@1", np.float64, 1) == 1
        other.execute("BEGIN IMMEDIATE")
        cache.put(b"k" * 16, "b@1", np.array([1.0]))
        with pytest.warns(MetricWarning, match=r"cannot be written \(database is locked\)"):
            cache.close()


def test_a_disk_without_shared_memory_takes_turns(tmp_path):
    """As of a network: the log of writes that are to come needs memory that processes share."""
    with MetricCache(tmp_path) as cache:
        cache.put(b"k" * 16, "a@1", np.array([1.0]))
    (tmp_path / "metrics-1.sqlite-shm").mkdir()
    for value in (2.0, 3.0):
        with MetricCache(tmp_path) as cache, MetricCache(tmp_path) as other:
            assert cache.get(b"k" * 16, "a@1", np.float64, 1) == value - 1
            cache.put(b"k" * 16, "a@1", np.array([value]))
            cache.flush()
            assert other.get(b"k" * 16, "a@1", np.float64, 1) == value


READ_ONLY = """
import os, sys, warnings
from pathlib import Path
import numpy as np
from ea_widgets.data.cache.store import MetricCache

if not os.getuid():
    os.setuid(65534)
folder = Path(sys.argv[1])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    with MetricCache(folder) as cache:
        print(cache.get(b"k" * 16, "a@1", np.float64, 2))
    assert not caught
    for number in range(2):
        cache = MetricCache(folder)
        cache.put(b"k" * 16, "b@1", np.array([1.0]))
        cache.close()
print(*(warning.message for warning in caught), sep="\\n")
"""


@pytest.mark.parametrize("is_filled", [True, False])
def test_a_folder_that_cannot_be_written_is_read(tmp_path, is_filled):
    cache = tmp_path / "cache"
    cache.mkdir()
    if is_filled:
        with MetricCache(cache) as whole:
            whole.put(b"k" * 16, "a@1", np.array([1.0, 2.0]))
    for path in (cache, *cache.iterdir()):
        path.chmod(0o555 if path is cache else 0o444)
    for parent in (tmp_path, *tmp_path.parents):  # of root, where tests run as root
        if "pytest-of-" in str(parent):  # one folder more where tests run in several processes
            parent.chmod(parent.stat().st_mode | 0o055)
    script = tmp_path / "read.py"
    script.write_text(READ_ONLY)
    done = subprocess.run(
        [sys.executable, script, cache], capture_output=True, text=True, check=False
    )
    cache.chmod(0o755)
    assert not done.stderr
    why = "attempt to write a readonly database" if is_filled else "unable to open database file"
    words = f"The cache {str(cache)!r} cannot be written ({why}); the run goes on without it."
    assert done.stdout.splitlines() == ["[1. 2.]" if is_filled else "None", words, words]


def test_a_cache_may_lie_in_the_home_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    compute(make(folder), "~/kept")
    assert list((tmp_path / "kept").glob("*.sqlite"))
    assert not (tmp_path / "~").exists()


def test_memory_grows_neither_with_what_is_written_nor_with_what_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_cache, "SECONDS_BETWEEN_WRITES", 1e9)
    monkeypatch.setattr(metric_cache, "BYTES_BETWEEN_WRITES", 1 << 19)
    values = np.random.default_rng(0).random((20_000, 20))
    process = psutil.Process()
    before = process.memory_info().rss
    tracemalloc.start()
    with MetricCache(tmp_path / "cache") as cache:
        for row, numbers in enumerate(values):
            cache.put(region_key(str(row // 10), "images"), f"{row % 10}@1", numbers)
    with MetricCache(tmp_path / "cache") as cache:
        for row in range(0, len(values), 7):
            name = (region_key(str(row // 10), "images"), f"{row % 10}@1")
            found = cache.get(*name, np.float64, 20)
            assert_array_equal(found, values[row])
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 1
        assert cache.get(b"?" * 16, "0@1", np.float64, 20) is None
    assert tracemalloc.get_traced_memory()[1] < 2.4e6  # of 3.2 MB of numbers
    tracemalloc.stop()
    assert process.memory_info().rss - before < 30e6  # SQLite's own too


def test_flipped_bits_give_the_same_numbers_or_none(folder, tmp_path, reads):
    cache = tmp_path / "cache"
    right = compute(make(folder), cache)
    (whole,) = cache.iterdir()
    content = whole.read_bytes()
    rng = np.random.default_rng(0)
    noticed = 0
    used = np.flatnonzero(np.frombuffer(content, np.uint8))  # much is room for what is to come
    for place in (8 * rng.choice(used, 60, replace=False) + rng.integers(0, 8, 60)).tolist():
        for path in cache.iterdir():
            path.unlink()
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << (place % 8)
        whole.write_bytes(damaged)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            reads.clear()
            same(compute(make(folder), cache), right)
        assert {warning.category for warning in caught} <= {MetricWarning}
        noticed += bool(caught or reads)
    assert noticed > 20


def test_arrays_are_given_only_at_their_length(tmp_path):
    with MetricCache(tmp_path) as cache:
        cache.put(b"k" * 16, "a@1", np.arange(6.0))
        cache.put(b"k" * 16, "none@1", np.empty((3, 0), np.float32))
    cache = MetricCache(tmp_path)
    lengths = [row for row in range(20) if cache.get(b"k" * 16, "a@1", np.float64, row) is not None]
    assert lengths == [6]
    rows = cache.get(b"k" * 16, "a@1", np.float64, 3, is_vector=True)
    assert_array_equal(rows, [[0, 1], [2, 3], [4, 5]])
    for number in (0, 4, 7):
        assert cache.get(b"k" * 16, "a@1", np.float64, number, is_vector=True) is None
    assert cache.get(b"k" * 16, "none@1", np.float32, 3, is_vector=True).shape == (3, 0)
    assert cache.get(b"k" * 16, "none@1", np.float32, 3) is None


def test_keys_follow_image_crops_and_kind():
    regions = np.array([[0, 0, 3, 3]])
    keys = {
        region_key("a", "images"),
        region_key("b", "images"),
        region_key("a", "labels", regions),
        region_key("a", "labels", regions + 1),
    }
    assert len(keys) == 4
    assert region_key("a", "predictions", regions) in keys  # the same crops


@pytest.mark.parametrize("regions", [None, np.array([[0, 0, 3, 3]])])
def test_what_is_measured_on_an_image_is_never_taken_for_that_of_its_objects(regions):
    of_image, of_labels, of_predictions = (
        region_key("a", source, regions) for source in ("images", "labels", "predictions")
    )
    assert of_image != of_labels == of_predictions


@pytest.mark.parametrize("cache", [1, 0, np.True_, b"folder", ""])
def test_a_cache_that_is_no_folder_is_refused(folder, cache):
    with pytest.raises(InvalidInputError) as error:
        compute(make(folder), cache)
    assert str(error.value) == f"`cache` is {cache!r}. Give a folder, or True or False."
