"""A summary as a file."""

import pickle

import pytest

import ea_widgets as ea
from ea_widgets.summary import file_format


def test_what_is_saved_is_read_again(summary, tmp_path):
    summary.save(tmp_path / "counts.summary")
    read = ea.load_summary(tmp_path / "counts.summary")
    assert read == summary
    assert read.at(0.5, 0.3).scores().to_dict() == summary.at(0.5, 0.3).scores().to_dict()
    assert read.metrics.equals(summary.metrics)
    assert repr(read) == "Summary(60 images, 900 predictions, 4 classes, 9 metrics)"


def test_what_is_no_summary_or_damaged_is_refused(summary):
    data = summary.to_bytes()
    with pytest.raises(ea.SummaryFormatError, match="is no summary of ea_widgets"):
        ea.Summary.from_bytes(b"PK" + data)
    for wrong in (data[:-1], data[:4000] + bytes([data[4000] ^ 1]) + data[4001:]):
        with pytest.raises(ea.SummaryFormatError, match="is damaged or cut off"):
            ea.Summary.from_bytes(wrong)


def test_another_version_is_refused_by_number(summary, monkeypatch):
    monkeypatch.setattr(file_format, "VERSION", 99)
    data = summary.to_bytes()
    monkeypatch.undo()
    with pytest.raises(ea.SummaryFormatError, match="has version 99 of the format; version 2 is"):
        ea.Summary.from_bytes(data)


def test_an_error_crosses_processes_with_its_nearest_tick(summary):
    with pytest.raises(ea.NotAnswerableError) as caught:
        summary.at(0.52)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own
    assert (str(again), again.nearest) == (str(caught.value), 0.5)
