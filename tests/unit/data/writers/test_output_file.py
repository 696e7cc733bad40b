"""Files that a user names: links stay, devices and pipes are written to and never replaced."""

import os
import stat
import threading

import pytest

import ea_widgets as ea
from ea_widgets.data.writers.output_file import write

SLICES = {"small": ea.where("Size", high=9)}


@pytest.fixture(scope="module")
def writers():
    demo = ea.Evaluation(ea.load_demo())
    suspects = demo.at().label_errors("missing").head(2).assign(verdict="wrong")
    verdicts = ea.LabelVerdicts(demo.dataset, suspects)
    return {
        "slices": lambda path: ea.save_slices(SLICES, path),
        "verdicts": verdicts.to_csv,
        "cvat": verdicts.to_cvat,
        "label studio": verdicts.to_label_studio,
        "points": demo.at().operating_points().to_json,
        "summary": ea.summarize(demo).save,
        "text": lambda path: write(path, "text"),
    }


NAMES = ["slices", "verdicts", "cvat", "label studio", "points", "summary", "text"]


@pytest.mark.parametrize("name", NAMES)
def test_a_link_stays_and_its_file_is_written(writers, name, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    writers[name](tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").stat().st_size > 0
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_is_written_to(writers, name, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    writers[name](tmp_path / "pipe")
    reader.join(10)
    assert len(found[0]) > 0
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("name", NAMES)
def test_a_device_stays_one(writers, name, tmp_path):
    if os.getuid():
        pytest.skip("only root makes devices")
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("no devices in this container")
    writers[name](device)
    assert stat.S_ISCHR(device.stat().st_mode)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["", "a\0b", "a" * 300, "missing/file", ".", None, 7])
def test_what_is_no_name_of_a_file_is_refused(writers, name, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ea.InvalidInputError):
        writers[name](path)
    assert list(tmp_path.iterdir()) == []


def test_tables_of_verdicts_hold_no_formulas(tmp_path):
    dataset = ea.load_demo()
    table = ea.Evaluation(dataset).label_errors("missing").head(2)
    table = table.assign(verdict="skip", note=["=1+1", "@SUM(1)"])
    ea.LabelVerdicts(dataset, table).to_csv(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    assert "'=1+1" in text
    assert "'@SUM(1)" in text
