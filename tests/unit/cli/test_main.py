from __future__ import annotations

import os
import subprocess
import sys
import warnings

import pytest

import ea_widgets as ea
from ea_widgets.cli import main


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"ea-widgets {ea.__version__}\n"


def call(files, out, *more):
    labels, predictions = str(files / "labels.json"), str(files / "predictions.json")
    return ["report", labels, predictions, "-o", str(out), *more]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("no room"),
        RecursionError("too deep"),
        ValueError("Exceeds the limit (4300 digits) for integer string conversion"),
        UnicodeEncodeError("utf-8", "\udc80", 0, 1, "surrogates not allowed"),
    ],
)
def test_whatever_is_raised_never_blames_the_model(files, tmp_path, monkeypatch, last_line, error):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("ea_widgets.cli.report.compute_metrics", broken)
    assert main(call(files, tmp_path / "r.html", "-q")) == 2
    line = last_line()
    assert line.startswith(f"ea-widgets: error: {type(error).__name__}: ")
    assert line.endswith("; a fault of ea_widgets, or out of memory\n")


def test_a_warning_is_a_note_without_its_source_line(files, tmp_path, monkeypatch, capsys):
    def warned(dataset, **_):
        warnings.warn("two images\ncannot be read", UserWarning, stacklevel=1)
        return dataset

    monkeypatch.setattr("ea_widgets.cli.report.compute_metrics", warned)
    assert main(call(files, tmp_path / "r.html")) == 0
    assert capsys.readouterr().err == "ea-widgets: note: two images cannot be read\n"
    assert main(call(files, tmp_path / "r.html", "-q")) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("least", "code"), [("0", 0), ("0.9", 1)])
def test_a_closed_standard_output_changes_no_exit_code(files, tmp_path, least, code):
    command = [sys.executable, "-m", "ea_widgets"]
    command += call(files, tmp_path / "r.html", "--fail-under-map", least)
    read_end, write_end = os.pipe()
    os.close(read_end)  # nobody reads
    done = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr.count("\n")) == (code, code)
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command]  # there is none at all
    done = subprocess.run(shell, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (code, code)


def test_no_standard_stream_at_all(files, tmp_path):
    command = [sys.executable, "-m", "ea_widgets", *call(files, tmp_path / "r.html")]
    shell = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command]
    assert subprocess.run(shell, check=False).returncode == 0
    shell[-4] = "nowhere.json"
    assert "nowhere.json" in shell
    assert subprocess.run(shell, check=False).returncode == 2
