"""Reports of summaries, as people get them: pages and commands."""

import json

import pytest

import ea_widgets as ea
from ea_widgets.cli.main import main
from tests.unit.summary.conftest import made_dataset

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def models():
    first = made_dataset(4)
    frames = [first.images, first.labels, first.predictions]
    for frame in frames[1:]:
        frame["class_name"] = frame["class_name"].astype(str).replace("ant", SCRIPT)
    old = ea.Dataset.from_frames(*frames)
    new = ea.Dataset.from_frames(old.images, old.labels, old.predictions.iloc[::2])
    summary = ea.summarize(old)
    return {"old": (old, summary), "new": (new, ea.summarize(new, summary.binning))}


@pytest.fixture(scope="module")
def files(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("summaries")
    for name, (_, summary) in models.items():
        summary.save(folder / f"{name}.eas")
    return folder


def test_the_page_of_a_summary_has_its_numbers_and_says_what_it_is(models, tmp_path):
    dataset, summary = models["old"]
    file = ea.report(summary, tmp_path / "page.html", iou_threshold=0.75, confidence_threshold=0.3)
    page = file.read_text()
    scores = ea.Evaluation(dataset).at(0.75, 0.3).scores()
    assert f"{scores.mean_average_precision:.3f}" in page
    assert f"{scores.true_positives:,}" in page
    assert "Made from counts, without the data" in page
    assert "confidence of at least 0.30" in page
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert page.count("<svg") > 0
    assert "NaN" not in page
    assert "nan" not in page.replace("finance", "")


def test_the_page_of_two_summaries_has_both_and_their_difference(models, tmp_path):
    compared = ea.compare({name: summary for name, (_, summary) in models.items()})
    page = ea.report(compared, tmp_path / "page.html").read_text()
    row = compared.at(0.5).scores(settled=True).table.loc["new"]
    assert f"{row['mean_average_precision']:.3f}" in page
    name = "mean_average_precision_difference"
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    assert f"({row[name]:+.3f}, {low:+.3f} to {high:+.3f})" in page
    assert SCRIPT not in page
    with pytest.raises(ea.NotAnswerableError, match="nearest"):
        ea.report(compared, tmp_path / "page.html", iou_threshold=0.52)


def test_the_command_reports_on_the_file_of_a_summary(models, files, tmp_path, capsys):
    page = tmp_path / "page.html"
    arguments = ["report", str(files / "old.eas"), "-o", str(page), "--iou", "0.75", "--json"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    expected = models["old"][1].at(0.75).scores()
    assert told["mAP"] == pytest.approx(expected.mean_average_precision)
    assert "Made from counts" in page.read_text()
    assert main([*arguments[:-3], "--fail-under-map", "0.99"]) == 1
    assert main(["report", str(files / "old.eas"), "-o", str(page), "--iou", "0.52"]) == 2
    assert "nearest at which was counted is 0.5" in capsys.readouterr().err


def test_the_command_compares_the_files_of_two_summaries(models, files, tmp_path, capsys):
    page = tmp_path / "page.html"
    old, new = (str(files / f"{name}.eas") for name in models)
    assert main(["compare", old, new, "-o", str(page)]) == 0
    scores = [summary.at(0.5).scores().mean_average_precision for _, summary in models.values()]
    expected = f"mAP@0.50 {scores[0]:.3f} -> {scores[1]:.3f} ({scores[1] - scores[0]:+.3f})"
    assert capsys.readouterr().out.strip() == expected
    assert page.exists()
    assert main(["compare", old, new, "--fail-if-worse", "0.1"]) == 2
    assert "a summary holds no single images" in capsys.readouterr().err


def test_predictions_that_were_forgotten_are_asked_for(tmp_path, capsys):
    file = tmp_path / "labels.json"
    file.write_text("{}")
    assert main(["report", str(file)]) == 2
    assert "Give labels and predictions, or the file of a summary" in capsys.readouterr().err
