"""Likely label errors on the page: one after the other, judged by letters or buttons."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.label_errors.find import KINDS
from ea_widgets.testing import front_end
from ea_widgets.widgets.diagnosis.label_errors_panel import PAGE
from ea_widgets.widgets.diagnosis.suspects import SuspectFinder
from ea_widgets.widgets.diagnosis.verdict_keys import HINT
from tests.unit.widgets.conftest import SCRIPT, make_evaluation

IDS = ["kind", "label_id", "prediction_id"]


@pytest.fixture
def panel(evaluation):
    widget = ea.LabelErrors(evaluation, opened=True)
    yield widget
    widget.close()


@pytest.fixture(scope="module")
def demo():
    return ea.Evaluation(ea.load_demo())


def said(widget):
    """Ids and verdicts, in the order in which they were given."""
    return widget.verdicts.table[[*IDS, "verdict"]].to_numpy(object, na_value=None).tolist()


def first(widget, n):
    return widget.suspects[IDS].head(n).to_numpy(object, na_value=None).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_is_that_of_the_view_at_any_confidence(evaluation, kind):
    where = ea.where("Size", 0.0, 3000.0)
    chosen = {"iou_threshold": 0.6, "classes": ("cat", "dog"), "where": where}
    widget = ea.LabelErrors(evaluation, kind=kind, opened=True, confidence_threshold=0.9, **chosen)
    want = evaluation.at(**chosen).label_errors(kind)
    got = widget.suspects.reset_index(drop=True)
    # A list without names has no dtype of text.
    pd.testing.assert_frame_equal(got, want, check_dtype=False)
    widget.where = None
    assert len(widget.suspects) == len(evaluation.at(0.6, None, ("cat", "dog")).label_errors(kind))
    widget.close()


def test_letters_are_verdicts_and_backspace_takes_them_back(panel):
    person = front_end(panel)
    person.type(HINT, "w")
    assert (said(panel), panel.position) == ([[*first(panel, 1)[0], "wrong"]], 1)
    person.type(HINT, "wxRs")  # three arrived together; x means nothing
    marks = ["wrong", "right", "skip"]
    assert said(panel) == [[*ids, m] for ids, m in zip(first(panel, 3), marks, strict=True)]
    assert panel.position == 3
    person.type(HINT, "wx")
    assert (len(said(panel)), panel.position) == (1, 1)
    person.type(HINT, "sx")  # put in place of the first letter
    assert said(panel) == [[*first(panel, 1)[0], "skip"]]
    person.type(HINT, "")
    assert (said(panel), panel.position) == ([], 0)


def test_nothing_is_written_to_the_field_while_a_person_types(panel):
    written = []
    panel._keys.field.observe(lambda change: written.append(change["new"]), "value")
    for text in ("w", "wr", "wrs"):
        front_end(panel).type(HINT, text)
    assert written == ["w", "wr", "wrs"]


def test_buttons_judge_undo_and_empty_the_field(panel):
    person = front_end(panel)
    person.type(HINT, "rr")
    person.press("wrong (w)")
    assert [row[-1] for row in said(panel)] == ["right", "right", "wrong"]
    assert panel._keys.field.value == ""
    person.type(HINT, "s")
    for _ in range(2):
        person.press("undo")
    assert ([row[-1] for row in said(panel)], panel.position) == (["right", "right"], 2)
    for _ in range(5):
        person.press("undo")
    assert (said(panel), panel.position) == ([], 0)


def test_the_end_of_the_list_is_said_and_takes_no_more_letters(panel):
    total = len(panel.suspects)
    front_end(panel).type(HINT, "r" * (total + 3))
    assert panel.position == total == panel.verdicts.counts["right"]
    assert any("All have a verdict" in line for line in front_end(panel).shown().text)
    front_end(panel).type(HINT, "r" * total)  # the three letters were no verdicts
    assert panel.position == total
    front_end(panel).type(HINT, "r" * (total - 1))
    assert panel.position == total - 1


def test_verdicts_outlive_other_kinds_choices_and_a_fold(panel, evaluation):
    person = front_end(panel)
    person.type(HINT, "wr")
    before = said(panel)
    panel.kind = "not an object"
    assert panel.position == 0
    person.type(HINT, "s")
    assert said(panel)[:2] == before
    panel.kind = "missing"
    assert panel.position == 2  # the first without a verdict
    panel.iou_threshold = 0.6
    panel.opened = False
    panel.opened = True
    assert len(said(panel)) == 3
    other = make_evaluation(seed=3)
    panel.evaluation = other
    assert said(panel) == []
    panel.evaluation = evaluation
    assert len(said(panel)) == 3


def test_files_hold_what_the_verdicts_hold(panel, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    person = front_end(panel)
    with pytest.raises(ea.InvalidInputError):
        person.press("CSV")  # there is nothing to save
    person.type(HINT, "wwr")
    person.press("CSV")
    table = pd.read_csv(io.StringIO(person.shown().files["label-verdicts.csv"]))
    assert table["verdict"].tolist() == ["wrong", "wrong", "right"]
    panel.verdicts.to_coco(tmp_path / "coco")
    person.press("COCO")
    content = person.shown().files["labels-coco.json"]
    assert json.loads(content) == json.loads((tmp_path / "coco/instances.json").read_text())
    mended = len(panel.evaluation.dataset.labels) + 2
    assert len(json.loads(content)["annotations"]) == mended
    person.press("CVAT")
    assert person.shown().files["labels-cvat.xml"].count("<box ") == mended
    person.press("Label Studio")
    tasks = json.loads(person.shown().files["labels-label-studio.json"])
    assert tasks
    person.type(HINT, "ww")
    assert person.shown().files == {}  # no longer what was said


def test_scores_with_the_confirmed_ones_mended(panel, evaluation):
    person = front_end(panel)
    person.type(HINT, "wwwwwr")
    panel.iou_threshold, panel.confidence_threshold, panel.classes = 0.6, 0.3, ("cat", "dog")
    person.press("scores with these mended")
    asked = (0.6, 0.3, ("cat", "dog"))
    before = evaluation.scores(*asked)
    after = ea.Evaluation(panel.verdicts.mended).scores(*asked)
    assert after.mean_average_precision != before.mean_average_precision
    for score in (before, after):
        assert f"<td>{score.mean_average_precision:.3f}</td>" in panel._after._scored.value
    assert "5 errors mended" in panel._after._scored.value


def test_pictures_are_drawn_and_a_click_turns_to_one(demo):
    widget = ea.LabelErrors(demo, kind="wrong class", opened=True)
    person = front_end(widget)
    assert len(person.shown().captions) == PAGE
    before = widget._large.value
    assert before[:3] == b"\xff\xd8\xff"
    person.open(4)
    assert widget.position == 4
    assert widget._large.value != before
    assert "eaw-chosen" in widget._gallery.children[4]._dom_classes
    person.type(HINT, "w" * PAGE)
    assert widget.position == 4 + PAGE
    assert "✗ wrong" in "".join(person.shown().captions[:4])
    assert "no verdict yet" in person.shown().captions[4]
    widget.close()


def test_boxes_are_those_of_the_objects(demo):
    errors, dataset = demo.label_errors(), demo.dataset
    finder = SuspectFinder(dataset)
    box = ["x", "y", "width", "height"]
    for kind in KINDS:
        row = errors[errors["kind"] == kind].head(1)
        (suspect,) = finder.suspects(row)
        boxes = dict(suspect.boxes)
        for name, frame, of in (
            ("label_id", dataset.labels, "label"),
            ("other_label_id", dataset.labels, "other"),
            ("prediction_id", dataset.predictions, "false_positive"),
        ):
            wanted = row[name].iloc[0]
            assert pd.isna(wanted) == (of not in boxes)
            if of in boxes:
                key = "label_id" if of != "false_positive" else "prediction_id"
                assert list(boxes[of]) == frame.loc[frame[key] == wanted, box].iloc[0].tolist()


def test_text_from_data_is_never_markup(evaluation):
    widget = ea.LabelErrors(evaluation, kind="not an object", classes=(SCRIPT,), opened=True)
    assert len(widget.suspects) > 0
    html = widget._words.value + widget._table.value
    assert SCRIPT not in html
    assert "&lt;script&gt;" in html
    widget.close()


def test_no_suspects_no_predictions_no_verdicts():
    dataset = make_evaluation().dataset
    none = dataset.predictions.iloc[:0]
    empty = ea.Evaluation(ea.Dataset.from_frames(dataset.images, dataset.labels, none))
    widget = ea.LabelErrors(empty, opened=True)
    assert widget._message.value == ""
    assert any("Nothing of this kind" in line for line in front_end(widget).shown().text)
    front_end(widget).type(HINT, "w")
    assert said(widget) == []
    widget.close()
