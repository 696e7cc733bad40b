"""A second run computes only what is missing, whatever happened to the first."""

from __future__ import annotations

import os
import sys
import threading
import time
import tracemalloc
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

import ea_widgets as ea
from ea_widgets.data.cache import cache_files
from ea_widgets.data.cache import store as metric_cache
from ea_widgets.data.cache.cache_files import ParquetFiles
from ea_widgets.data.cache.store import MetricCache, region_key
from ea_widgets.data.images.sources import FolderSource
from ea_widgets.data.metrics import registry
from ea_widgets.data.metrics.metric_warnings import MetricWarning
from ea_widgets.errors import InvalidInputError

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
    assert list((folder / ".ea_widgets_cache").glob("*.parquet"))
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
    original = ea.data.pixel_run.measure_image

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
    assert [run()[0] for _ in range(2)] == [number] * 2
    for version in ("ViT-B", "ViT-L", 3, "3"):
        embed.version = version
        assert [run()[0] for _ in range(2)] == [number, 0]
    for same in (np.int64(3), np.str_("3")):
        embed.version = same
        assert run()[0] == 0
    model.scale, embed.version = 9.0, 4
    changed = run()[1]
    assert (changed != compute(make(folder), None, None).images["Image Singularity"]).any()


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


@pytest.mark.parametrize("content", [b"", b"PAR1 and rubbish", b"x" * 5000])
def test_a_corrupt_file_is_left_aside(folder, tmp_path, reads, content):
    cache = tmp_path / "cache"
    first = compute(make(folder), cache)
    (whole,) = cache.iterdir()
    (cache / "0-broken.parquet").write_bytes(content)
    with pytest.warns(MetricWarning) as caught:
        second = compute(make(folder), cache)
    assert [str(warning.message) for warning in caught] == [
        f"1 file of the cache {str(cache)!r} cannot be read and is left aside: 0-broken.parquet."
    ]
    same(first, second)
    assert len(reads) == N_IMAGES
    whole.write_bytes(whole.read_bytes()[:-40])
    with pytest.warns(MetricWarning, match="2 files"):
        same(compute(make(folder), cache), first)
    assert len(reads) == 2 * N_IMAGES


def test_a_full_disk_ends_the_writing_and_not_the_run(folder, tmp_path, monkeypatch):
    cache = tmp_path / "cache"

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_files.os, "fsync", full)
    with pytest.warns(MetricWarning) as caught:
        found = compute(make(folder), cache)
    (warning,) = caught
    assert str(warning.message) == (
        f"The cache {str(cache)!r} cannot be written (No space left on device); the run goes on "
        "without it."
    )
    assert list(cache.iterdir()) == []
    same(found, compute(make(folder)))


def test_what_cannot_be_a_cache_is_refused(folder, tmp_path, monkeypatch):
    arrays = {row: np.zeros((30, 40), np.uint8) for row in range(N_IMAGES)}
    with pytest.raises(InvalidInputError) as caught:
        compute(make(arrays), True)  # noqa: FBT003
    assert str(caught.value) == (
        "`cache` is True, but the images are not files. Give a folder, as `cache='folder'`."
    )
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match=r"cannot be made \(File exists\)"):
        compute(make(folder), tmp_path / "file")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInputError) as caught:
        compute(make(folder), tmp_path / "cache")
    assert str(caught.value) == (
        "`cache` needs pyarrow, which is not installed. Install it with "
        "`pip install ea_widgets[cache]`, or leave `cache` out."
    )
    found = compute(make(folder))  # nobody misses it
    assert found.images["Brightness"].notna().all()


def test_many_writes_are_joined_and_another_run_s_files_are_left(tmp_path, monkeypatch):
    monkeypatch.setattr(metric_cache, "SECONDS_BETWEEN_WRITES", -1)
    mine, other = MetricCache(tmp_path), MetricCache(tmp_path)
    for row in range(4):
        mine.put(bytes([row]) * 16, "a@1", np.array([row, 0.5]))
    other.put(b"o" * 16, "a@1", np.array([9.0]))
    assert len(list(tmp_path.iterdir())) > 2
    mine.finish()
    assert len(list(tmp_path.iterdir())) == 2
    fresh = MetricCache(tmp_path)
    for row in range(4):
        assert_array_equal(fresh.get(bytes([row]) * 16, "a@1", np.float64, 2), [row, 0.5])
    assert fresh.get(b"o" * 16, "a@1", np.float64, 1) == 9
    assert fresh.get(b"o" * 16, "a@2", np.float64, 1) is None
    assert fresh.get(b"o" * 16, "a@1", np.float64, 3) is None


def fill(folder, number, start=0):
    """One file of its own for each entry, as interrupted runs leave them."""
    for row in range(start, start + number):
        cache = MetricCache(folder)
        cache.put(bytes([row]) * 16, "a@1", np.array([row, 0.5]))
        cache.flush()


def kept(folder, number):
    cache = MetricCache(folder)
    return [
        row
        for row in range(number)
        if cache.get(bytes([row]) * 16, "a@1", np.float64, 2) is not None
    ]


def test_many_small_files_of_interrupted_runs_are_joined(tmp_path, monkeypatch):
    fill(tmp_path, 8)
    MetricCache(tmp_path).finish()
    assert len(list(tmp_path.iterdir())) == 8
    fill(tmp_path, 1, start=8)
    cache = MetricCache(tmp_path)
    fill(tmp_path, 1, start=9)  # of a process that still runs: it was not there at the start
    cache.put(b"m" * 16, "a@1", np.array([1.0]))
    cache.finish()
    assert len(list(tmp_path.iterdir())) == 2
    assert kept(tmp_path, 10) == list(range(10))
    assert MetricCache(tmp_path).get(b"m" * 16, "a@1", np.float64, 1) == 1
    fill(tmp_path, 8, start=10)
    monkeypatch.setattr(metric_cache, "SMALL", 1)
    MetricCache(tmp_path).finish()
    assert len(list(tmp_path.iterdir())) == 10


def test_a_file_that_cannot_be_joined_is_left(tmp_path):
    fill(tmp_path, 10)
    cache = MetricCache(tmp_path)
    broken = min(tmp_path.iterdir())
    broken.write_bytes(b"PAR1")  # damaged after it was read
    cache.finish()
    assert broken.exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_two_that_join_at_once_lose_nothing(tmp_path):
    for turn in range(10):
        folder = tmp_path / str(turn)
        fill(folder, 12)
        both = [MetricCache(folder) for _ in range(2)]
        threads = [threading.Thread(target=cache.finish) for cache in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert kept(folder, 12) == list(range(12))
        assert not list(folder.glob("*.part"))


def test_files_that_are_joined_by_another_are_found_in_his(tmp_path, monkeypatch):
    fill(tmp_path, 9)
    original = ParquetFiles.read

    def read(self, path):
        monkeypatch.setattr(ParquetFiles, "read", original)
        MetricCache(tmp_path).finish()  # the other process, between list and reading
        return original(self, path)

    monkeypatch.setattr(ParquetFiles, "read", read)
    assert kept(tmp_path, 9) == list(range(9))


def test_old_parts_of_killed_processes_are_removed(tmp_path):
    for name in ("old.part", "new.part"):
        (tmp_path / name).write_text("half")
    os.utime(tmp_path / "old.part", (time.time() - 3700,) * 2)
    MetricCache(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new.part"]


def test_a_cache_may_lie_in_the_home_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    compute(make(folder), "~/kept")
    assert list((tmp_path / "kept").glob("*.parquet"))
    assert not (tmp_path / "~").exists()


def test_memory_grows_neither_with_what_is_written_nor_much_with_what_is_read(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(metric_cache, "SECONDS_BETWEEN_WRITES", 1e9)
    monkeypatch.setattr(metric_cache, "BYTES_BETWEEN_WRITES", 1 << 19)
    values = np.random.default_rng(0).random((40_000, 20))
    MetricCache(tmp_path / "other")  # pyarrow is loaded
    tracemalloc.start()
    cache = MetricCache(tmp_path / "cache")
    for row, numbers in enumerate(values):
        cache.put(region_key(str(row // 10), "images"), f"{row % 10}@1", numbers)
    assert tracemalloc.get_traced_memory()[1] < 3e6
    cache.finish()
    (file,) = (tmp_path / "cache").iterdir()
    before = tracemalloc.get_traced_memory()[0]
    again = MetricCache(tmp_path / "cache")
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held < 1.5 * file.stat().st_size
    for row in (0, 7, 39_999):
        found = again.get(region_key(str(row // 10), "images"), f"{row % 10}@1", np.float64, 20)
        assert_array_equal(found, values[row])
        with pytest.raises(ValueError, match="read-only"):
            found[0] = 1
    assert again.get(b"?" * 16, "0@1", np.float64, 20) is None


def test_flipped_bits_give_the_same_numbers_or_none(folder, tmp_path):
    cache = tmp_path / "cache"
    right = compute(make(folder), cache)
    (whole,) = cache.iterdir()
    content = whole.read_bytes()
    rng = np.random.default_rng(0)
    noticed = 0
    for place in rng.choice(8 * len(content), 60, replace=False).tolist():
        for path in cache.iterdir():
            path.unlink()
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << (place % 8)
        whole.write_bytes(damaged)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            same(compute(make(folder), cache), right)
        assert {warning.category for warning in caught} <= {MetricWarning}
        noticed += bool(caught)
    assert noticed > 20


def test_arrays_are_given_only_at_their_length(tmp_path):
    cache = MetricCache(tmp_path)
    cache.put(b"k" * 16, "a@1", np.arange(6.0))
    cache.put(b"k" * 16, "none@1", np.empty((3, 0), np.float32))
    cache.flush()
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


@pytest.mark.parametrize("cache", [1, 0, np.True_, b"folder", ""])
def test_a_cache_that_is_no_folder_is_refused(folder, cache):
    with pytest.raises(InvalidInputError) as error:
        compute(make(folder), cache)
    assert str(error.value) == f"`cache` is {cache!r}. Give a folder, or True or False."
