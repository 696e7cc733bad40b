from __future__ import annotations

import pytest

import ea_widgets as ea
from ea_widgets.cli import main


def test_what_was_read_is_written_as_coco(files, tmp_path, capsys):
    labels, predictions = files / "labels.json", files / "predictions.json"
    out = tmp_path / "new" / "coco"
    assert main(["convert", str(labels), str(predictions), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"30 images, 60 labels, 60 predictions: {out}\n"
    again = ea.read_coco(out / "instances.json", out / "predictions.json")
    dataset = ea.read_coco(labels, predictions)
    for name in ("images", "labels", "predictions"):
        assert getattr(again, name).equals(getattr(dataset, name))
    assert (
        main(["convert", str(out / "instances.json"), str(predictions), "-o", str(out), "-q"]) == 0
    )
    assert capsys.readouterr().out == ""


def test_a_format_can_be_named(files, tmp_path, last_line):
    given = [str(files / "labels.json"), str(files / "predictions.json"), "-o", str(tmp_path)]
    assert main(["convert", *given, "-q", "--format", "coco"]) == 0
    assert main(["convert", *given, "-q", "--format", "coco", "coco"]) == 0
    assert main(["convert", *given, "-q", "--format", "cocoa"]) == 2
    assert "`format` has no option 'cocoa'. Did you mean 'coco'?" in last_line()
    assert main(["convert", *given, "-q", "--format", "coco", "coco", "coco"]) == 2
    assert "`--format` has 3 names. Give that of the labels" in last_line()


@pytest.mark.parametrize("more", [["--boxes", "xyxy"], ["--class-ids", "as_given"]])
def test_options_reach_the_reader(files, tmp_path, more):
    given = [str(files / "labels.json"), str(files / "predictions.json"), "-o", str(tmp_path)]
    assert main(["convert", *given, "-q", *more]) == 0
    again = ea.read_coco(tmp_path / "instances.json", tmp_path / "predictions.json")
    width = again.predictions["width"].iloc[0]
    assert width == (2.0 if "xyxy" in more else 12.0)


def test_a_folder_that_cannot_be_made_is_one_line(files, tmp_path, last_line):
    (tmp_path / "file").write_text("")
    given = [str(files / "labels.json"), str(files / "predictions.json")]
    assert main(["convert", *given, "-q", "-o", str(tmp_path / "file" / "out")]) == 2
    assert "which cannot be written to (Not a directory)" in last_line()
    with pytest.raises(SystemExit) as stopped:
        main(["convert", *given])
    assert stopped.value.code == 2
    assert "the following arguments are required: -o/--output" in last_line()
