"""The recipes of Ray and Spark: what they hand to their engines, and on the engines themselves."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea

PAGE = Path(__file__).parents[3] / "docs" / "recipes" / "summaries.md"


def block_of(engine):
    """The code of the recipe of an engine."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {engine}\n")[1].split("\n## ")[0]
    return re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]


def counter_of(engine, binning):
    """Take the function `count` out of the recipe of an engine."""
    tree = ast.parse(block_of(engine))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = {"ea": ea, "pd": pd, "binning": binning}
    exec(compile(tree, str(PAGE), "exec"), names)  # noqa: S102  # our own page
    return names["count"]


@pytest.fixture(scope="module")
def shards(shared_data, tmp_path_factory):
    """A folder of two shards, as the recipes name them."""
    folder, made = shared_data / "coco100-crowd-masks", tmp_path_factory.mktemp("shards")
    dataset = ea.read(
        folder / "instances_val2014_100.json",
        folder / "instances_val2014_fakebbox100_results.json",
    )
    for number in range(2):
        part = made / str(number)
        dataset.subset(np.arange(len(dataset.images)) % 2 == number).to_coco(part)
        (part / "instances.json").rename(made / f"labels-{number}.json")
        (part / "predictions.json").rename(made / f"predictions-{number}.json")
    return made


@pytest.fixture(scope="module")
def files(shards):
    return pd.DataFrame(
        {
            side: [str(shards / f"{side}-{number}.json") for number in range(2)]
            for side in ("labels", "predictions")
        }
    )


@pytest.fixture(scope="module")
def expected(files):
    parts = [
        ea.compute_metrics(ea.read(*pair), n_jobs=1, progress=False)
        for pair in files.itertuples(index=False)
    ]
    return ea.summarize(parts, ea.summarize(parts[0]).binning)


def test_ray_maps_a_batch_of_shards_to_bytes(files, expected):
    batch = {side: files[side].to_numpy() for side in files}
    (made,) = counter_of("Ray", expected.binning)(batch)["summary"]
    assert ea.Summary.from_bytes(made) == expected


def test_spark_maps_frames_of_shards_to_frames_of_bytes(files, expected):
    first, second = counter_of("Spark", expected.binning)(iter([files[:1], files[1:]]))
    assert [*first] == [*second] == ["summary"]
    one, two = (ea.Summary.from_bytes(made["summary"][made.index[0]]) for made in (first, second))
    assert one + two == expected


@pytest.mark.parametrize(("engine", "module"), [("Ray", "ray"), ("Spark", "pyspark")])
def test_recipe_as_it_stands_on_real_workers(engine, module, shards, expected, tmp_path):
    pytest.importorskip(module)
    code = block_of(engine) + f"\nsummary.save({str(tmp_path / 'made.summary')!r})\n"
    path = os.pathsep.join([str(PAGE.parents[2]), os.environ.get("PYTHONPATH", "")])
    environ = os.environ | {"PYTHONPATH": path, "RAY_AUTH_MODE": "disabled"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(  # our own page
        command, cwd=shards, env=environ, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "made.summary").read_bytes() == expected.to_bytes()
