"""What the recipes of Ray and Spark hand to their engines, called as these engines call it."""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import ea_widgets as ea

PAGE = Path(__file__).parents[3] / "docs" / "recipes" / "summaries.md"


def counter_of(engine, binning):
    """Take the function `count` out of the recipe of an engine."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {engine}\n")[1].split("\n## ")[0]
    tree = ast.parse(re.search(r"```python\n(.*?)```", section, re.DOTALL)[1])
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = {"ea": ea, "pd": pd, "binning": binning}
    exec(compile(tree, str(PAGE), "exec"), names)  # noqa: S102  # our own page
    return names["count"]


@pytest.fixture(scope="module")
def shard(shared_data):
    folder = shared_data / "coco100-crowd-masks"
    labels = folder / "instances_val2014_100.json"
    return {
        "labels": str(labels),
        "predictions": str(folder / "instances_val2014_fakebbox100_results.json"),
    }


@pytest.fixture(scope="module")
def expected(shard):
    dataset = ea.read(shard["labels"], shard["predictions"])
    return ea.summarize(ea.compute_metrics(dataset, n_jobs=1, progress=False))


def test_ray_maps_a_shard_to_bytes(shard, expected):
    row = counter_of("Ray", expected.binning)(shard)
    assert ea.Summary.from_bytes(row["summary"]) == expected


def test_spark_maps_frames_of_shards_to_frames_of_bytes(shard, expected):
    frames = iter([pd.DataFrame([shard])])
    (made,) = counter_of("Spark", expected.binning)(frames)
    assert list(made) == ["summary"]
    assert ea.Summary.from_bytes(made["summary"][0]) == expected
