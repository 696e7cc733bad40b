from __future__ import annotations

import json
import subprocess
import sys

import pytest

import ea_widgets as ea
from ea_widgets.cli import main


def arguments(files, out, *more):
    return [
        *("report", str(files / "labels.json"), str(files / "predictions.json")),
        *("-o", str(out), *more),
    ]


def test_a_report_is_written_and_summed_up(files, tmp_path, capsys):
    out = tmp_path / "report.html"
    assert main(arguments(files, out, "--images", str(files / "images"))) == 0
    printed = capsys.readouterr()
    assert printed.out == (
        "mAP@0.50 0.500, mAR@0.50 0.500, 30 true positives, 30 false positives, "
        f"30 missed objects; report: {out}\n"
    )
    page = out.read_text()
    assert "data:image/jpeg" in page
    assert "Sharpness" in page


@pytest.mark.parametrize(("least", "code"), [("0.5", 0), ("0.51", 1), ("0", 0), ("1", 1)])
def test_the_exit_code_tells_whether_map_is_high_enough(files, tmp_path, capsys, least, code):
    out = tmp_path / "report.html"
    assert main(arguments(files, out, "--fail-under-map", least, "--quiet")) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (f"ea-widgets: mAP 0.5000 is below {least}\n" if code else "")
    assert out.exists()


def test_options_reach_the_scores(files, tmp_path, capsys):
    out = tmp_path / "report.html"
    more = ("--iou", "0.9", "--confidence", "0.25", "--classes", "ant", "--title", "Ants & co")
    assert main(arguments(files, out, *more)) == 0
    assert capsys.readouterr().out.startswith("mAP@0.90 1.000, mAR@0.90 1.000, 30 true positives")
    page = out.read_text()
    assert "<h1>Ants &amp; co</h1>" in page
    assert "confidence of at least 0.25 · only ant" in page


def test_bad_input_is_one_line_and_exit_code_2(files, tmp_path, last_line):
    out = tmp_path / "report.html"
    broken = tmp_path / "broken.json"
    broken.write_text('{"images": [')
    labels, predictions = str(files / "labels.json"), str(files / "predictions.json")
    cases = [
        (["nope.json", predictions], "`labels` is 'nope.json', which does not exist."),
        ([labels, str(broken)], "`predictions`"),
        ([predictions, labels], "Were labels and predictions swapped?"),
        ([labels, predictions, "--images", "nowhere"], "`images` is 'nowhere', which does not"),
        ([labels, predictions, "--classes", "bear"], "`classes` has no option 'bear'."),
        ([labels, predictions, "--iou-type", "segm"], "segmentation"),
    ]
    for given, words in cases:
        assert main(["report", *given, "-o", str(out), "--quiet"]) == 2
        assert words in last_line()
    assert not out.exists()


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("", "is ''. Give the name of a file: 'report.html'."),
        (".", "is '.', a folder. Give a file in it."),
        ("no/r.html", "is 'no/r.html', whose folder does not exist. Make it first."),
    ],
)
def test_an_output_that_is_no_file_is_refused_before_any_work(
    files, last_line, monkeypatch, out, words
):
    monkeypatch.setattr(
        "ea_widgets.cli.report.read_dataset", lambda *_: pytest.fail("that is work")
    )
    assert main(arguments(files, out)) == 2
    assert last_line() == f"ea-widgets: error: `--output` {words}\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "ea-widgets: error: the following arguments are required: command"),
        (["report"], "the following arguments are required: labels"),
        (["report", "a", "b", "--iou", "2"], "argument --iou: '2' is not a number from 0 to 1"),
        (["report", "a", "b", "--fail-under-map", "x"], "'x' is not a number from 0 to 1"),
        (["exlpore"], "invalid choice: 'exlpore'"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(given, words, last_line):
    with pytest.raises(SystemExit) as stopped:
        main(given)
    assert stopped.value.code == 2
    assert words in last_line()


def test_help_tells_the_exit_codes(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["report", "--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert "exit codes:" in printed
    assert "--fail-under-map" in printed


def test_the_command_is_a_process_with_an_exit_code_and_no_front_end(files, tmp_path):
    call = [sys.executable, "-m", "ea_widgets", *arguments(files, tmp_path / "r.html")]
    done = subprocess.run(
        [*call, "--fail-under-map", "0.9"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "ea-widgets: mAP 0.5000 is below 0.9\n"
    source = (
        "import sys\nfrom ea_widgets import cli\n"
        "assert not {'bqplot', 'ipywidgets', 'traitlets'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0


def test_interrupting_is_no_traceback(files, tmp_path, last_line, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ea_widgets.cli.report.read_dataset", interrupted)
    assert main(arguments(files, tmp_path / "r.html")) == 130
    assert last_line() == "ea-widgets: interrupted\n"


def test_no_labels_are_no_success(tmp_path, capsys, last_line):
    truth = {
        "images": [{"id": 1, "width": 9, "height": 9}],
        "annotations": [],
        "categories": [{"id": 1, "name": "ant"}],
    }
    (tmp_path / "labels.json").write_text(json.dumps(truth))
    (tmp_path / "predictions.json").write_text("[]")
    call = arguments(tmp_path, tmp_path / "r.html", "--fail-under-map", "0")
    assert main([*call, "-q"]) == 1
    words = "ea-widgets: mAP is undefined (no labels), so it is not 0 or more\n"
    assert last_line() == words
    assert main(call) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("mAP@0.50 undefined, mAR@0.50 undefined, 0 true positives, ")
    assert printed.err == words


def test_the_report_is_the_same_as_from_python(files, tmp_path):
    main(arguments(files, tmp_path / "command.html", "-q"))
    dataset = ea.read_coco(files / "labels.json", files / "predictions.json")
    dataset = ea.compute_metrics(dataset, progress=False)
    ea.report(dataset, tmp_path / "python.html")
    assert (tmp_path / "command.html").read_text() == (tmp_path / "python.html").read_text()


def test_scores_as_json(files, tmp_path, capsys):
    assert main(arguments(files, tmp_path / "r.html", "--json", "-q")) == 0
    printed = json.loads(capsys.readouterr().out)
    evaluation = ea.Evaluation(ea.read_coco(files / "labels.json", files / "predictions.json"))
    assert printed == evaluation.scores().to_dict()
    assert printed["mAP"] == 0.5
    assert main(arguments(files, tmp_path / "r.html", "--json", "--classes", "bee")) == 0
    assert json.loads(capsys.readouterr().out)["precision"] == 0


def test_what_is_undefined_is_null_in_json(tmp_path, capsys):
    labels = {"images": [{"id": 1, "width": 9, "height": 9}], "annotations": [], "categories": []}
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    (tmp_path / "predictions.json").write_text("[]")
    assert main(arguments(tmp_path, tmp_path / "r.html", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["mAP"] is None


def test_detections_beyond_the_limit_do_not_count(files, tmp_path, capsys):
    predictions = json.loads((files / "predictions.json").read_text())
    better = [{**one, "bbox": [90, 90, 1, 1], "score": 0.9} for one in predictions]
    (tmp_path / "predictions.json").write_text(json.dumps([*predictions, *better]))
    (tmp_path / "labels.json").write_text((files / "labels.json").read_text())
    more = ("--max-detections", "1")
    assert main(arguments(tmp_path, tmp_path / "r.html", *more)) == 0
    assert capsys.readouterr().out.startswith("mAP@0.50 0.000, mAR@0.50 0.000, 0 true positives")


def test_metrics_are_kept_in_the_cache(files, tmp_path):
    more = ("--images", str(files / "images"), "--cache", str(tmp_path / "cache"), "-q")
    assert main(arguments(files, tmp_path / "r.html", *more, "--n-jobs", "1")) == 0
    assert any((tmp_path / "cache").rglob("*"))


@pytest.mark.parametrize("option", ["--max-detections", "--n-jobs"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "9999999999999"])
def test_a_number_that_counts_nothing_is_refused(option, value, last_line):
    with pytest.raises(SystemExit) as stopped:
        main(["report", "a", "b", f"{option}={value}"])
    assert stopped.value.code == 2
    assert f"{value!r} is not a whole number from 1 on" in last_line()


def test_slices_of_a_file_are_compared_with_the_rest(files, tmp_path, capsys):
    ea.save_slices(
        {"<large>": ea.where("Object Area - Absolute", low=100.0)}, tmp_path / "slices.json"
    )
    out = tmp_path / "report.html"
    assert main(arguments(files, out, "-q", "--slices", str(tmp_path / "slices.json"))) == 0
    evaluation = ea.Evaluation(
        ea.compute_metrics(ea.read(files / "labels.json", files / "predictions.json"))
    )
    row = evaluation.slices({"<large>": ea.where("Object Area - Absolute", low=100.0)}).iloc[0]
    page = out.read_text()
    assert "&lt;large&gt;" in page
    assert "Object Area - Absolute ≥ 100" in page
    assert f"{row['labels']:,}</td><td>{row['predictions']:,}</td>" in page
    assert "<large>" not in page
    assert main(arguments(files, out, "-q", "--slices", str(tmp_path / "none.json"))) == 2
    assert "cannot be read" in capsys.readouterr().err
