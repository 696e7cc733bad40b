from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import ea_widgets as ea
from ea_widgets.cli import main


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Labels, predictions and images as COCO files: mAP 0.5, since one of two classes is found."""
    folder = tmp_path_factory.mktemp("coco")
    (folder / "images").mkdir()
    rng = np.random.default_rng(0)
    images, labels, predictions = [], [], []
    for number in range(1, 31):
        name = f"{number}.png"
        pixels = rng.integers(0, 255, (60, 80, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "images" / name)
        images.append({"id": number, "width": 80, "height": 60, "file_name": name})
        for category in (1, 2):
            box = [10.0 * category, 5.0, 12.0, 12.0]
            labels.append(
                {
                    "id": len(labels) + 1,
                    "image_id": number,
                    "category_id": category,
                    "bbox": box,
                    "area": 144.0,
                    "iscrowd": 0,
                }
            )
            moved = [box[0] + 30 * (category == 2), *box[1:]]
            predictions.append(
                {"image_id": number, "category_id": category, "bbox": moved, "score": 0.5}
            )
    categories = [{"id": 1, "name": "ant"}, {"id": 2, "name": "bee"}]
    truth = {"images": images, "annotations": labels, "categories": categories}
    (folder / "labels.json").write_text(json.dumps(truth))
    (folder / "predictions.json").write_text(json.dumps(predictions))
    return folder


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
        f"30 missed labels; report: {out}\n"
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


def last_line(capsys):
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    assert printed.err.count("\n") == 1
    return printed.err


def test_bad_input_is_one_line_and_exit_code_2(files, tmp_path, capsys):
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
        assert words in last_line(capsys)
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
    files, capsys, monkeypatch, out, words
):
    monkeypatch.setattr("ea_widgets.cli.read_coco", lambda *_: pytest.fail("that is work"))
    assert main(arguments(files, out)) == 2
    assert last_line(capsys) == f"ea-widgets: error: `--output` {words}\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "ea-widgets: error: the following arguments are required: command"),
        (["report"], "the following arguments are required: labels, predictions"),
        (["report", "a", "b", "--iou", "2"], "argument --iou: '2' is not a number from 0 to 1"),
        (["report", "a", "b", "--fail-under-map", "x"], "'x' is not a number from 0 to 1"),
        (["exlpore"], "invalid choice: 'exlpore'"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(given, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(given)
    assert stopped.value.code == 2
    assert words in last_line(capsys)


def test_help_tells_the_exit_codes(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["report", "--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert "exit codes:" in printed
    assert "--fail-under-map" in printed


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"ea-widgets {ea.__version__}\n"


@pytest.mark.parametrize("module", ["ea_widgets", "ea_widgets.cli"])
def test_the_command_is_a_process_with_an_exit_code_and_no_front_end(files, tmp_path, module):
    call = [sys.executable, "-m", module, *arguments(files, tmp_path / "r.html")]
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


def test_interrupting_is_no_traceback(files, tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ea_widgets.cli.read_coco", interrupted)
    assert main(arguments(files, tmp_path / "r.html")) == 130
    assert last_line(capsys) == "ea-widgets: interrupted\n"


def test_no_labels_are_no_success(tmp_path, capsys):
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
    assert last_line(capsys) == words
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
