"""A summary as a file."""

import hashlib
import json
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


def test_large_sums_are_whole_numbers_when_read_too(summary):
    read = ea.Summary.from_bytes(summary.to_bytes())
    sums = [(one.sums, read.counts[name].sums) for name, one in summary.counts.items()]
    assert max(int(of["P.squares"].max()) for of, _ in sums) > 2**32
    for of, again in sums:
        assert all((of[name] - again[name]).dtype.kind in "iu" for name in of)


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
    with pytest.raises(ea.SummaryFormatError, match="has version 99 of the format; version 4 is"):
        ea.Summary.from_bytes(data)


def test_an_error_crosses_processes_with_its_nearest_tick(summary):
    with pytest.raises(ea.NotAnswerableError) as caught:
        summary.at(0.52)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own
    assert (str(again), again.nearest) == (str(caught.value), 0.5)


def repacked(data, change):
    """The same file with another header, and a checksum that is right."""
    start = len(file_format.MAGIC) + 8
    stop = start + int.from_bytes(data[start - 8 : start], "little")
    header = json.loads(data[start:stop])
    change(header)
    text = json.dumps(header).encode()
    whole = b"".join([data[: start - 8], len(text).to_bytes(8, "little"), text, data[stop:-32]])
    return whole + hashlib.sha256(whole).digest()


CHANGES = {
    "arrays": lambda header: header.update(arrays=7),
    "three": lambda header: header["arrays"][0].append(1),
    "kind": lambda header: header["arrays"][0].__setitem__(1, "O"),
    "shape": lambda header: header["arrays"][0].__setitem__(2, [10**12]),
    "stream": lambda header: header["streams"][0].__setitem__(1, 1),
    "arrays of a stream": lambda header: header["streams"][0].__setitem__(0, 1),
    "streams": lambda header: header["streams"].pop(),
    "negative": lambda header: header["arrays"][0].__setitem__(2, [-1]),
    "settings": lambda header: header.update(settings=None),
    "classes": lambda header: header["counted_classes"].append("more"),
    "lacking": lambda header: header.pop("span"),
    "bins": lambda header: header["settings"].update(binning={"Size (P)": [2, 1]}),
}


def resized(name, shape):
    """Change the shape of an array, and not its size: the bytes are all there."""

    def change(header):
        next(one for one in header["arrays"] if one[0].endswith(name))[2] = shape

    return change


def renamed(name, new):
    def change(header):
        next(one for one in header["arrays"] if one[0].endswith(name))[0] = f"00000000.{new}"

    return change


CHANGES |= {
    "confidences other than were counted": lambda header: header["settings"].update(
        confidence_thresholds=[0.1]
    ),
    "IoU thresholds other than were counted": lambda header: header["settings"].update(
        iou_thresholds=[0.5], group_iou_thresholds=[0.5]
    ),
    "labels": resized("00.labels", [1, 1]),
    "a metric less": lambda header: header["settings"]["binning"].pop("Noise (P)"),
    "an array less": renamed("00.P.found", "P.more"),
    "entries": renamed("00.entries.place", "entries.places"),
    "clusters": renamed("00.clusters.P1", "clusters.P9"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_contents_that_are_none_are_refused_behind_a_right_checksum(summary, change):
    with pytest.raises(ea.SummaryFormatError, match="does not hold the counts of a summary"):
        ea.Summary.from_bytes(repacked(summary.to_bytes(), change))


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing", "a\0b", None):
        with pytest.raises(ea.InvalidInputError, match="which cannot be read"):
            ea.load_summary(path)
