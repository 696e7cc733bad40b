"""Runs that end early, in processes of their own: what was done is kept, and nothing lingers."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ea_widgets as ea
from tests.conftest import usual_or_all
from tests.scripts import PROCESSES

SCRIPT = """
import sys, time, warnings
import numpy as np, pandas as pd
import ea_widgets as ea

folder, cache, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
images = pd.DataFrame({"image_id": np.arange(number), "width": 40, "height": 30})
labels = pd.DataFrame({"image_id": np.arange(number), "class_name": "a", "x": 3, "y": 4,
                       "width": 9, "height": 8})

@ea.metric("Slow", level="image")
def slow(image):
    time.sleep(float(open(folder + "/pause.txt").read()))
    print("measured", flush=True)
    return float(image.mean())

dataset = ea.Dataset.from_frames(images, labels, labels.assign(confidence=0.5), pixels=folder)
print("started", flush=True)
found = ea.compute_metrics(dataset, cache=cache or None, progress=False, n_jobs=2,
                           metrics=["Slow", "Brightness", "Sharpness"])
found.images.to_parquet(cache + ".images")
found.labels.to_parquet(cache + ".labels")
"""


def run(folder, script, *arguments):
    """Start a script from a file: functions without source are not kept."""
    path = folder / "script.py"
    path.write_text(script)
    return subprocess.Popen(
        [sys.executable, str(path), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def start(folder, cache, number=40, pause=0.05):
    (folder / "pause.txt").write_text(str(pause))
    return run(folder, SCRIPT, folder, cache, number)


def kept_labels(cache):
    """Labels of all entries in the cache; none before it is begun."""
    path = cache / "metrics-1.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path, timeout=30)) as database:
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
        found = database.execute("SELECT label FROM entries") if tables else ()
        return [label for (label,) in found]


@pytest.fixture
def many(tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    for row in range(40):
        pixels = np.random.default_rng(row).integers(0, 256, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{row}.png")
    return folder


def wait_for_entries(cache, process, seconds=60):
    end = time.monotonic() + seconds
    while not any(label.startswith("Slow@") for label in kept_labels(cache)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def measured(process):
    out, error = process.communicate(timeout=120)
    return out.count("measured"), error


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_goes_on_where_it_stopped(many, tmp_path, how):
    cache, whole = tmp_path / "cache", tmp_path / "whole"
    process = start(many, cache, pause=0.12)
    wait_for_entries(cache, process)
    process.send_signal(how)
    sent = time.monotonic()
    done, error = measured(process)
    if how == signal.SIGINT:
        assert time.monotonic() - sent < 5  # a second on a machine that does nothing else
        assert "KeyboardInterrupt" in error
    assert process.returncode != 0
    assert done < 40

    again, error = measured(start(many, cache, pause=0))
    assert 0 < again < 40
    if how == signal.SIGINT:  # all is written but what was under way
        assert done + again <= 40 + 10
    assert "Warning" not in error
    uninterrupted, _ = measured(start(many, whole, pause=0))
    assert uninterrupted == 40
    for frame in ("images", "labels"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(f"{cache}.{frame}"), pd.read_parquet(f"{whole}.{frame}")
        )
    assert measured(start(many, cache, pause=0))[0] == 0


def test_two_processes_at_once_do_no_harm(many, tmp_path):
    cache = tmp_path / "cache"
    both = [start(many, cache, pause=0.03) for _ in range(2)]
    for process in both:
        _, error = measured(process)
        assert process.returncode == 0, error
        assert "Warning" not in error
    assert measured(start(many, cache, pause=0))[0] == 0


CROPS = """
import os, sys, time
import numpy as np, pandas as pd
import ea_widgets as ea

cache, kind = sys.argv[1:]
n = 200
images = pd.DataFrame({"image_id": range(4), "width": 40, "height": 30})
labels = pd.DataFrame({"image_id": np.repeat(range(4), [1, 1, n, n]), "class_name": "a",
                       "x": 3, "y": 4, "width": 9, "height": 8})

def slow(crop):
    os.write(1, b"called\\n")  # whole lines, whichever thread
    time.sleep(0.2)
    return float(crop.mean())

def pixels(image_id):
    if kind == "image" and image_id > 1:
        slow(np.zeros(1))
    return np.full((30, 40, 3), image_id, np.uint8)

if kind == "metric":
    ea.metric("Slow", level="object")(slow)
dataset = ea.Dataset.from_frames(images, labels, labels.iloc[:0].assign(confidence=0.5),
                                 pixels=pixels)
options = {"metrics": ["Slow"]} if kind == "metric" else {"metrics": ["Brightness"]}
if kind == "embedding":
    options = {"embeddings": lambda crop: [slow(crop), 1.0]}
ea.compute_metrics(dataset, cache=cache or None, n_jobs=2, progress=False, **options)
"""


@pytest.mark.parametrize("kind", ["metric", "embedding", "image"])
def test_ctrl_c_lets_no_image_s_other_crops_be_measured(tmp_path, kind):
    cache = tmp_path / "cache" if kind == "metric" else ""
    process = run(tmp_path, CROPS, cache, kind)
    for _ in range(1 if kind == "image" else 6):
        assert process.stdout.readline() == "called\n"
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    out, error = process.communicate(timeout=120)
    # All their crops take 40 seconds.
    assert time.monotonic() - sent < 3
    assert "KeyboardInterrupt" in error
    assert out.count("called") <= (0 if kind == "image" else 4)
    if kind == "metric":
        kept = pd.Series(kept_labels(cache))
        assert (kept.str.startswith("Slow@").sum(), (kept == "size@1").sum()) == (2, 2)


EMBEDDED = """
import threading
import numpy as np, pandas as pd
from sklearn.neighbors import NearestNeighbors
import ea_widgets as ea

plain = NearestNeighbors.kneighbors
def told(*args, **options):
    # Later, so that the signal comes within the native call and not before it.
    threading.Timer(0.1, print, ["comparing"], {"flush": True}).start()
    return plain(*args, **options)
NearestNeighbors.kneighbors = told
rng = np.random.default_rng(0)
n = 50_000
images = pd.DataFrame({"image_id": range(1000), "width": 640, "height": 480})
labels = pd.DataFrame({"image_id": rng.integers(0, 1000, n), "class_name": "a",
                       "x": 5.0, "y": 5.0, "width": 9.0, "height": 9.0})
dataset = ea.Dataset.from_frames(images, labels, labels.iloc[:1].assign(confidence=0.5))
vectors = rng.normal(size=(n, 128)).astype(np.float32)
frames = {"labels": vectors, "predictions": vectors[:1]}
ea.compute_metrics(dataset, embeddings=frames, progress=False,
                   metrics=["Object Annotation Quality"])
print("finished", flush=True)
"""


def test_ctrl_c_ends_the_comparison_of_many_vectors():
    process = subprocess.Popen(
        [sys.executable, "-c", EMBEDDED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "comparing\n"
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    out, error = process.communicate(timeout=120)
    # All at once, 50,000 labels take ten times as long.
    assert time.monotonic() - sent < 3
    assert "finished" not in out
    assert "KeyboardInterrupt" in error


def _measure(folder, cache):
    """Measure in a process that is ended at any moment."""
    table = pd.DataFrame({"image_id": np.arange(40), "width": 40, "height": 30})
    labels = pd.DataFrame(
        {"image_id": np.arange(40), "class_name": "a", "x": 3, "y": 4, "width": 9, "height": 8}
    )
    dataset = ea.Dataset.from_frames(table, labels, labels.assign(confidence=0.5), pixels=folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ea.compute_metrics(
            dataset, cache=cache, progress=False, n_jobs=1,
            metrics=["Brightness", "Contrast", "Sharpness"],
        )  # fmt: skip


def test_runs_ended_at_any_moment_leave_what_is_right_or_nothing(many, tmp_path):
    whole = _measure(many, None)
    rng = np.random.default_rng(0)
    ended = 0
    for number in range(usual_or_all(10, 200)):
        cache = tmp_path / f"cache {number % 5}"  # some are begun anew, some go on
        process = PROCESSES.Process(target=_measure, args=(many, cache))
        process.start()
        process.join(float(rng.uniform(0, 0.6)))
        ended += process.is_alive()
        process.kill()
        process.join()
        if number % 3 == 2:
            found = _measure(many, cache)
            for frame in ("images", "labels", "predictions"):
                pd.testing.assert_frame_equal(getattr(found, frame), getattr(whole, frame))
    assert ended
