"""Summaries on a cluster of real worker processes, one of which is killed on the way."""

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ea_widgets as ea
from ea_widgets.cli import main
from tests.unit.summary.conftest import made_dataset

pytest.importorskip("distributed")
dataframe = pytest.importorskip("dask.dataframe")

TICKS = {"iou_thresholds": (0.5, 0.75), "confidence_thresholds": (0.3,)}


@pytest.fixture(scope="module")
def client():
    with ea.dask.connected(workers=2) as client:
        yield client


@pytest.fixture(scope="module")
def dataset():
    return made_dataset(11)


@pytest.fixture(scope="module")
def whole(dataset):
    return ea.summarize(dataset, **TICKS)


def write_parquet(dataset, folder, of_image):
    """One file per side and part."""
    frames = {
        "images": dataset.images,
        "labels": dataset.labels,
        "predictions": dataset.predictions,
    }
    ids = dataset.images["image_id"].to_numpy()
    for side, frame in frames.items():
        (folder / side).mkdir()
        part = pd.Series(of_image, ids).loc[frame["image_id"]].to_numpy()
        for number in np.unique(of_image):
            frame[part == number].to_parquet(folder / side / f"{number:03}.parquet")
    return {side: str(folder / side) for side in frames}


def test_parquet_by_image_gives_the_bytes_of_one_process(client, dataset, whole, tmp_path):
    folders = write_parquet(dataset, tmp_path, np.arange(60) % 5)
    made = ea.dask.summarize(**folders, **TICKS, metrics=False, client=client, progress=False)
    assert made.to_bytes() == whole.to_bytes()


def test_frames_that_share_images_are_shuffled_and_it_is_said(client, dataset, whole):
    rng = np.random.default_rng(0)
    labels, predictions = (
        frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
        for frame in (dataset.labels, dataset.predictions)
    )
    with pytest.warns(UserWarning, match="shuffled by image"):
        made = ea.dask.summarize(
            images=dataset.images,
            labels=dataframe.from_pandas(labels, npartitions=4),
            predictions=dataframe.from_pandas(predictions, npartitions=4),
            binning=whole.binning,
            **TICKS,
            metrics=False,
            client=client,
            progress=False,
        )
    mixed = ea.Dataset.from_frames(dataset.images, labels, predictions)
    assert made.to_bytes() == ea.summarize(mixed, whole.binning, **TICKS).to_bytes()


def test_files_of_each_shard_and_metrics_on_the_way(client, dataset, tmp_path):
    shards = []
    for number in range(3):
        folder = tmp_path / str(number)
        dataset.subset(np.arange(60) % 3 == number).to_coco(folder)
        shards.append((folder / "instances.json", folder / "predictions.json"))
    made = ea.dask.summarize(shards, **TICKS, client=client, progress=False)
    read = [ea.compute_metrics(ea.read(*shard), progress=False) for shard in shards]
    assert made.to_bytes() == ea.summarize(read, **TICKS).to_bytes()
    assert "Object Area - Relative (P)" in made.metrics.index


def test_a_worker_that_is_killed_changes_nothing(client, dataset, whole, tmp_path):
    folders = write_parquet(dataset, tmp_path, np.arange(60) % 20)
    workers = client.run(os.getpid)
    counted, victim = threading.Event(), next(iter(workers.values()))
    client.subscribe_topic("ea_widgets summarize", lambda _: counted.set())

    def kill():
        counted.wait(120)
        os.kill(victim, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    made = ea.dask.summarize(**folders, **TICKS, metrics=False, client=client, progress=False)
    killer.join()
    client.unsubscribe_topic("ea_widgets summarize")
    assert counted.is_set()
    deadline = time.monotonic() + 60
    while victim in client.run(os.getpid).values():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert made.to_bytes() == whole.to_bytes()


def test_pixels_of_an_address_give_the_metrics_of_a_folder(client, tmp_path):
    small = made_dataset(4, n_images=6, n_labels=30, n_predictions=40)
    rng = np.random.default_rng(0)
    (tmp_path / "frames").mkdir()
    for number in range(6):
        drawn = rng.integers(0, 256, (300, 400, 3), dtype=np.uint8)
        Image.fromarray(drawn).save(tmp_path / "frames" / f"{number}.png")
    images = small.images.assign(file_name=[f"{number}.png" for number in range(6)])
    made = [
        ea.dask.summarize(
            images=images,
            labels=small.labels,
            predictions=small.predictions,
            pixels=where,
            **TICKS,
            client=client,
            progress=False,
        )
        for where in (str(tmp_path / "frames"), (tmp_path / "frames").as_uri())
    ]
    assert {"Brightness (F)", "Contrast (P)"} <= {*made[0].metrics.index}
    assert made[0].to_bytes() == made[1].to_bytes()


def test_command_counts_on_the_cluster_of_an_address(client, dataset, tmp_path):
    folders = write_parquet(dataset, tmp_path, np.arange(60) % 3)
    made, address = tmp_path / "made.summary", client.scheduler.address
    command = ["summarize", "--parquet", str(tmp_path), "--scheduler", address, "-o", str(made)]
    assert main([*command, "--quiet"]) == 0
    expected = ea.dask.summarize(**folders, client=client, progress=False)
    assert made.read_bytes() == expected.to_bytes()


def test_own_workers_keep_memory_for_the_next_array(client):
    kept = client.run(os.environ.get, "MALLOC_TRIM_THRESHOLD_")
    assert [*kept.values()] == [None, None]


def test_what_is_not_given_or_twice_is_refused(dataset, client):
    with pytest.raises(ea.InvalidInputError, match=r"^`shards` or the three frames are needed"):
        ea.dask.summarize(client=client)
    with pytest.raises(ea.InvalidInputError, match=r"^`labels` is not given"):
        ea.dask.summarize(images=dataset.images, client=client)
    with pytest.raises(ea.InvalidInputError, match=r"^`shards` is "):
        ea.dask.summarize([3], client=client)


def test_bar_counts_the_parts(client, dataset, tmp_path, capsys):
    folders = write_parquet(dataset, tmp_path, np.arange(60) % 3)
    ea.dask.summarize(**folders, **TICKS, metrics=False, client=client)
    shown = capsys.readouterr().err
    # A bar goes when all is done: its last step may come and go between two drawings.
    assert "sampling: " in shown
    assert "counting: " in shown
    assert "/3 [" in shown
