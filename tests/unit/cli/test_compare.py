import json
from argparse import Namespace
from collections import Counter

import pytest

from ea_widgets.cli.compare import names_of
from ea_widgets.cli.main import main
from ea_widgets.data.metrics import pixel_run


@pytest.fixture(scope="module")
def worse(files, tmp_path_factory):
    """Predictions that have lost those of ants in every other image."""
    found = json.loads((files / "predictions.json").read_text())
    kept = [p for p in found if p["category_id"] == 2 or p["image_id"] % 2]
    file = tmp_path_factory.mktemp("worse") / "worse.json"
    file.write_text(json.dumps(kept))
    return file


def call(files, new, *more):
    old = [str(files / name) for name in ("labels.json", "predictions.json")]
    return main(["compare", *old, str(new), "-q", *more])


def test_a_model_that_is_surely_worse_fails_the_gate(files, worse, capsys):
    assert call(files, worse, "--fail-if-worse", "0.005") == 1
    said = capsys.readouterr().err
    assert "worse by more than 0.005: All: all images, mAP 0.500 -> 0.2" in said
    assert call(files, worse, "--fail-if-worse", "0.4") == 0
    assert call(files, worse) == 0


def test_a_model_compared_with_itself_passes(files):
    assert call(files, files / "predictions.json", "--fail-if-worse", "0", "--by", "Class") == 0


def test_each_class_is_looked_at_on_request(files, worse, capsys):
    assert call(files, worse, "--fail-if-worse", "0.005", "--by", "Class") == 1
    said = capsys.readouterr().err
    assert "Class: ant" in said
    assert "Class: bee" not in said


def test_ranges_of_a_metric_and_json(files, worse, capsys):
    assert call(files, worse, "--by", "Object Area - Relative", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parts"][0]["by"] == "All"
    assert told["parts"][0]["difference_high"] < 0
    assert any(change["metric"] == "All" for change in told["changes"])
    assert told["scores"]["worse/mAP difference"] == told["parts"][0]["difference"]


def test_models_are_called_after_their_files_not_their_paths(files, worse, capsys):
    old = [str(files / name) for name in ("labels.json", "predictions.json")]
    assert main(["compare", *old, str(worse)]) == 0
    said = capsys.readouterr().out
    assert "more than with predictions (" in said
    assert str(worse.parent) not in said


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("a/old.json", "b/new.json", ("old", "new")),
        ("runs/1/found.json", "runs/2/found.json", ("1/found", "2/found")),
        ("found.json", "2/found.json", ("found", "2/found")),
        ("found.json", "found.json", ("old", "new")),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_folders(old, new, names):
    assert names_of(Namespace(old=old, new=new)) == names


def test_a_page_says_what_changed(files, worse, tmp_path):
    page = tmp_path / "compare.html"
    assert call(files, worse, "-o", str(page), "--by", "Class", "--title", "Old & new") == 0
    text = page.read_text()
    assert "<h1>Old &amp; new</h1>" in text
    assert "What changed" in text
    assert "Part by part" in text
    assert "<script" not in text


def test_an_unknown_metric_is_refused_in_one_line(files, worse, last_line):
    assert call(files, worse, "--by", "wether") == 2
    assert "'wether'" in last_line()


def test_each_image_is_decoded_once_for_both_models(files, worse, tmp_path, monkeypatch, capsys):
    reads, measure = Counter(), pixel_run.measure_image

    def counted(task, *more):
        reads[task.image_id] += 1
        return measure(task, *more)

    monkeypatch.setattr(pixel_run, "measure_image", counted)
    images = ("--images", str(files / "images"))
    assert call(files, worse, *images, "--by", "Sharpness (F)", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert any(part["by"] == "Sharpness (F)" for part in told["parts"])
    assert reads == dict.fromkeys(range(1, 31), 1)
