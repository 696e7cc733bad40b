from __future__ import annotations

import json

import pytest

import ea_widgets as ea
from ea_widgets.cli import main


def test_files_become_one_file_of_counts(files, tmp_path, capsys):
    labels, predictions = files / "labels.json", files / "predictions.json"
    out = tmp_path / "counts.summary"
    assert main(["summarize", str(labels), str(predictions), "-o", str(out)]) == 0
    dataset = ea.compute_metrics(ea.read_coco(labels, predictions), progress=False)
    scores = ea.Evaluation(dataset).scores()
    said = f"30 images, 60 predictions, mAP@0.50 {scores.mean_average_precision:.3f}: {out}\n"
    assert capsys.readouterr().out == said
    assert ea.load_summary(out) == ea.summarize(dataset)
    assert main(["summarize", str(labels), str(predictions), "-o", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mAP"] == pytest.approx(
        scores.mean_average_precision
    )


def test_shards_are_counted_by_worker_processes(files, tmp_path, capsys):
    pytest.importorskip("distributed")
    dataset = ea.read_coco(files / "labels.json", files / "predictions.json")
    lines = ["labels,predictions"]
    ids = dataset.images["image_id"]
    for name, kept in (("one", ids[:20]), ("two", ids[20:])):
        dataset.subset(images=kept).to_coco(tmp_path / name)
        lines.append(f"{name}/instances.json,{name}/predictions.json")
    (tmp_path / "shards.csv").write_text("\n".join(lines))
    out = tmp_path / "counts.summary"
    given = ["--shards", str(tmp_path / "shards.csv"), "--workers", "2", "-o", str(out)]
    assert main(["summarize", *given, "-q"]) == 0
    assert capsys.readouterr().out == ""
    found, expected = (one.at().scores() for one in (ea.load_summary(out), ea.Evaluation(dataset)))
    assert found.to_dict() == pytest.approx(expected.to_dict(), nan_ok=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "`labels` and predictions, --shards or --parquet are needed"),
        (["labels.json"], "`labels` and predictions, --shards or --parquet are needed"),
        (["a", "b", "--parquet", "c"], "`labels` and predictions, --shards or --parquet"),
        (["--shards", "none.csv"], "No such file"),
        (["--shards", "wrong.csv"], "without columns labels and predictions"),
    ],
)
def test_what_cannot_be_used_is_one_line(given, message, files, tmp_path, monkeypatch, last_line):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.csv").write_text("label\nx\n")
    assert main(["summarize", *given, "-o", "out.summary"]) == 2
    assert message in last_line()
