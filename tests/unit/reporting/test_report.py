from __future__ import annotations

import os
import re
import stat
import threading
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ea_widgets as ea

VOID = {"meta", "img", "br"}
HOSTILE = "<script>alert('x')</script>\"&"


class Checker(HTMLParser):
    """Collects what a page holds, and fails where elements do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "xlink:href"}]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def check(path):
    """Read a page: well-formed, without scripts, without anything from elsewhere."""
    page = path.read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert not {"script", "link", "iframe", "object", "embed"} & set(checker.tags)
    assert all(address.startswith("data:image/jpeg;base64,") for address in checker.addresses)
    assert "url(" not in page
    assert "@import" not in page
    assert len(page.encode()) < 5_000_000
    return " ".join("".join(checker.text).replace("\xa0", " ").split()), checker


def make_frames(seed=0, n_frames=120, per_frame=12):
    """Small objects are often missed and found in the wrong place."""
    rng = np.random.default_rng(seed)
    n = n_frames * per_frame
    images = pd.DataFrame({"image_id": np.arange(n_frames), "width": 320, "height": 240})
    images["Fog"] = rng.random(n_frames)
    labels = pd.DataFrame({"image_id": np.repeat(np.arange(n_frames), per_frame)})
    labels["class_name"] = rng.choice(["ant", "bee"], n)
    place = np.tile(np.arange(per_frame), n_frames)
    labels["x"], labels["y"] = 5.0 + 75 * (place % 4), 5.0 + 75 * (place // 4)
    labels["width"] = labels["height"] = rng.uniform(5, 40, n)
    labels["Size"] = labels["width"]
    labels["Size twin"] = labels["width"] ** 2
    labels["Noise"] = rng.random(n)
    wrong = rng.random(n) < np.where(labels["width"] < 12, 0.8, 0.2)
    predictions = labels.assign(confidence=rng.random(n))
    predictions["x"] += np.where(wrong, 20, 0)
    return images, labels, predictions


@pytest.fixture(scope="module")
def dataset():
    pixels = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    return ea.Dataset.from_frames(*make_frames(), pixels=lambda _: pixels)


@pytest.fixture(scope="module")
def page(dataset, tmp_path_factory):
    path = ea.report(dataset, tmp_path_factory.mktemp("report") / "report.html")
    return check(path)


def test_the_page_holds_the_numbers_of_the_evaluation(dataset, page):
    text, _ = page
    evaluation = ea.Evaluation(dataset)
    scores = evaluation.scores()
    assert f"{scores.mean_average_precision:.3f}mAP@0.50" in text
    assert f"{scores.mean_average_recall:.3f}mAR@0.50" in text
    assert f"{scores.true_positives:,}true positives" in text
    assert f"AP@[.50:.95]{evaluation.coco_summary()['AP']:.3f}" in text
    assert (
        "120 images · 1,440 labels · 1,440 predictions · 2 classes · IoU of at least 0.50" in text
    )
    for name, row in scores.per_class.iterrows():
        assert f"{name}{row['average_precision']:.3f}{row['average_recall']:.3f}" in text


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_the_page_says_where_the_errors_are_and_ranks_metrics(dataset, page, outcome):
    text, _ = page
    evaluation = ea.Evaluation(dataset)
    sentences = evaluation.worst_ranges(4, outcome, settled=True)["sentence"]
    assert len(sentences)
    assert all(sentence in text for sentence in sentences)
    for name, row in evaluation.importance(outcome=outcome).iterrows():
        if row["importance"] >= 0.0005:
            assert f"{name}{row['importance']:.3f}" in text


def test_metrics_that_go_together_have_one_curve(page):
    text, checker = page
    assert len(re.findall(r"Size(?: twin)?Column of your own frame\.", text)) == 1
    assert checker.tags.count("svg") == 2


def test_examples_are_shown_only_with_pixels(dataset, page, tmp_path):
    assert page[1].tags.count("img") >= 8
    plain = ea.Dataset.from_frames(*make_frames())
    _, checker = check(ea.report(plain, tmp_path / "plain.html"))
    assert "img" not in checker.tags


def test_images_that_cannot_be_read_are_left_out(tmp_path):
    dataset = ea.Dataset.from_frames(*make_frames(), pixels={})
    text, checker = check(ea.report(dataset, tmp_path / "report.html"))
    assert "img" not in checker.tags
    assert "Where errors concentrate" in text


def test_files_outside_of_the_folder_are_left_out(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    images, labels, predictions = make_frames()
    Image.new("RGB", (320, 240)).save(tmp_path / "secret.png")
    for name, shown in (("../secret.png", False), ("own.png", True)):
        images["file_name"] = name
        dataset = ea.Dataset.from_frames(images, labels, predictions, pixels=folder)
        (folder / "own.png").write_bytes((tmp_path / "secret.png").read_bytes())
        _, checker = check(ea.report(dataset, tmp_path / "report.html"))
        assert ("img" in checker.tags) == shown


def test_pictures_stop_at_their_budget(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("ea_widgets.reporting.shots.BUDGET", 100_000)
    path = ea.report(dataset, tmp_path / "report.html")
    _, checker = check(path)
    assert 0 < checker.tags.count("img") < 8
    assert len(path.read_bytes()) < 160_000


def test_text_from_data_is_text(tmp_path):
    images, labels, predictions = make_frames()
    new = {"Size": f"Size {HOSTILE}"}
    labels, predictions = labels.rename(columns=new), predictions.rename(columns=new)
    for frame in (labels, predictions):
        frame["class_name"] = frame["class_name"].replace("ant", HOSTILE)
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    text, _ = check(ea.report(dataset, tmp_path / "report.html", title=HOSTILE))
    assert text.count(HOSTILE) > 5


def test_thresholds_and_classes_change_every_number(dataset, tmp_path):
    path = ea.report(
        ea.Evaluation(dataset),
        tmp_path / "report.html",
        title="Night shift",
        iou_threshold=0.7,
        confidence_threshold=0.25,
        classes=("bee",),
    )
    text, _ = check(path)
    scores = ea.Evaluation(dataset).scores(0.7, 0.25, ("bee",))
    assert text.startswith("Night shift")
    assert f"{scores.mean_average_precision:.3f}mAP@0.70" in text
    assert "confidence of at least 0.25 · only bee" in text
    assert "Predictions of ant" not in text
    assert list(tmp_path.iterdir()) == [path]


def test_little_data_makes_a_page_too(tmp_path):
    images, labels, predictions = make_frames()
    few = ["image_id", "class_name", "x", "y", "width", "height"]
    no_metrics = images[["image_id", "width", "height"]]
    no_predictions = (
        "False positives There are no predictions, so there are no false positives. "
        "Missed objects Every object is missed, since there are no predictions."
    )
    no_labels = (
        "False positives Every prediction is a false positive, since there are no labels. "
        "Missed objects There are no objects, so there are no missed objects."
    )
    for case, words in (
        ((no_metrics, labels[few], predictions[[*few, "confidence"]]), "Which properties matter"),
        ((images, labels, predictions[:0]), no_predictions),
        ((images, labels[:0], predictions), no_labels),
        ((images[:0], labels[:0], predictions[:0]), "Which properties matter"),
    ):
        text, _ = check(ea.report(ea.Dataset.from_frames(*case), tmp_path / "report.html"))
        assert words.replace(" ", "") in text.replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"path": "no/such/report.html"},
            "`path` is 'no/such/report.html', whose folder does not exist. Make it first.",
        ),
        ({"path": "."}, "`path` is '.', a folder. Give a file in it."),
        ({"path": ""}, "`path` is ''. Give the name of a file: 'report.html'."),
        ({"path": "a\0b"}, "`path` is 'a\\x00b'. Give the name of a file: 'report.html'."),
        ({"path": None}, "`path` is None. Give the name of a file: 'report.html'."),
        ({"path": 5}, "`path` is 5. Give the name of a file: 'report.html'."),
        ({"title": 3}, "`title` is 3. Give text, or None."),
        ({"dataset": "labels.json"}, "`dataset` is of type str. "),
        ({"iou_threshold": 2}, "`iou_threshold` is 2. Give a number from 0 to 1."),
    ],
)
def test_what_cannot_be_reported_is_refused(dataset, tmp_path, arguments, message):
    given = {"dataset": dataset, "path": tmp_path / "report.html"} | arguments
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}"):
        ea.report(given.pop("dataset"), given.pop("path"), **given)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused_before_any_work(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("ea_widgets.reporting.report.write_page", lambda *_: pytest.fail("work"))
    with pytest.raises(ea.InvalidInputError) as caught:
        ea.report(dataset, tmp_path)
    assert str(caught.value) == f"`path` is {str(tmp_path)!r}, a folder. Give a file in it."


def test_a_page_that_cannot_be_written_leaves_nothing_behind(dataset, tmp_path):
    file = tmp_path / f"{300 * 'a'}.html"
    with pytest.raises(ea.InvalidInputError) as caught:
        ea.report(dataset, file)
    assert str(caught.value) == (
        f"`path` is {str(file)!r}, which cannot be written (File name too long). Give another file."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def few():
    images, labels, predictions = make_frames(n_frames=3, per_frame=2)
    return ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))


def test_a_link_stays_and_its_file_is_replaced(few, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("old.html", "new.html"):  # one exists, the other does not yet
        (tmp_path / f"link to {name}").symlink_to(folder / name)
    (folder / "old.html").write_text("old")
    for name in ("old.html", "new.html"):
        assert ea.report(few, tmp_path / f"link to {name}") == tmp_path / f"link to {name}"
        assert (tmp_path / f"link to {name}").is_symlink()
        check(folder / name)
    assert len(list(folder.iterdir())) == 2


def test_what_is_no_file_is_written_to_and_stays(few, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    ea.report(few, pipe)
    reader.join(10)
    (tmp_path / "page.html").write_text(found[0], encoding="utf-8")
    check(tmp_path / "page.html")
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    (tmp_path / "link").symlink_to("/dev/null")
    for name in ("/dev/null", tmp_path / "link"):
        ea.report(few, name)
        assert stat.S_ISCHR(Path(name).stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "page.html", "pipe"]


def test_a_disk_is_refused(few, tmp_path, monkeypatch):
    monkeypatch.setattr("ea_widgets.data.writers.output_file.stat.S_ISBLK", stat.S_ISREG)
    (tmp_path / "sda").write_text("data")
    with pytest.raises(ea.InvalidInputError) as caught:
        ea.report(few, tmp_path / "sda")
    assert str(caught.value) == (
        f"`path` is {str(tmp_path / 'sda')!r}, a disk. Give the name of a file."
    )
    assert (tmp_path / "sda").read_text() == "data"


def test_a_name_as_long_as_the_disk_allows_is_written(few, tmp_path):
    path = tmp_path / f"{'n' * 250}.html"
    check(ea.report(few, path))
    with pytest.raises(ea.InvalidInputError, match="cannot be written"):
        ea.report(few, tmp_path / f"{'n' * 300}.html")
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_no_page_can_hold_are_written_nevertheless(tmp_path):
    images, labels, predictions = make_frames(n_frames=3, per_frame=2)
    new = {"ant": "a\0nt", "bee": "bee"}
    frames = [
        frame.assign(class_name=frame["class_name"].map(new)) for frame in (labels, predictions)
    ]
    dataset = ea.Dataset.from_frames(images, *frames)
    path = ea.report(dataset, tmp_path / "report.html", title="t\ud800e")
    assert b"\0" not in path.read_bytes()
    text, _ = check(path)
    assert "a\N{REPLACEMENT CHARACTER}nt" in text
    assert "t?e" in text


def test_rows_left_out_are_listed_in_a_folded_table():
    from ea_widgets.reporting.sections import problem_table  # noqa: PLC0415

    images, labels, predictions = make_frames()
    predictions.loc[[1, 4], "confidence"] = float("nan")
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    table = str(problem_table(dataset.problems))
    assert "2 rows left out or changed" in table
    assert table.count("<tr>") == 3
    assert "confidence" in table
    assert problem_table(dataset.problems.head(0)) is None
