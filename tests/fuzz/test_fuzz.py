"""Some hundreds of odd inputs in each run; ``make fuzz`` tries 100,000."""

from __future__ import annotations

import multiprocessing
import sys

import pytest

from tests.conftest import usual_or_all
from tests.fuzz.guided import CORPUS, run_input, seeds
from tests.fuzz.run import kind_of, minimise, run_in_process
from tests.fuzz.targets import REFUSED, TARGETS, Target
from tests.fuzz.worker import Input, try_input

COUNT = usual_or_all(240, 4_000)
CHUNK = 80

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory as Linux has")


@pytest.mark.parametrize("start", range(0, COUNT, CHUNK))
def test_every_input_gives_a_result_or_a_refusal(start):
    inputs = [Input(20_261_128, number) for number in range(start, start + CHUNK)]
    ended, findings = [], []

    def tell(one, how, said):
        ended.append(how)
        if how == "finding":
            findings.append(f"{one} {one.target}: {said}")

    while inputs:
        inputs = run_in_process(inputs, tell)
    assert not findings, "\n".join(findings)
    assert len(ended) == CHUNK
    assert ended.count("accepted") > CHUNK / 8  # else the changes are too wild to get far


def test_every_target_is_drawn():
    assert {Input(0, number).target for number in range(3_000)} == set(TARGETS)


def test_an_input_is_the_same_whenever_it_is_made():
    one = Input(5, 17)
    assert one.target == Input(5, 17).target
    assert repr(one.data()) == repr(Input(5, 17).data())


@pytest.mark.parametrize("name", [*seeds(), *sorted(file.name for file in CORPUS.iterdir())])
def test_what_reached_new_lines_once_is_read_or_refused(name):
    data = seeds().get(name)
    if data is not None:
        assert run_input(data) == "accepted"
    else:
        assert run_input((CORPUS / name).read_bytes()) in {"accepted", "refused"}


FAULTS = {
    "raises": ([].pop, "IndexError"),
    "loops": (lambda: [number for number in iter(int, 1)], "OverLimitError"),  # noqa: C416
    "reads": (lambda: open("/etc/hostname").close(), "Touched: read"),  # noqa: PTH123
    "writes": (lambda: open("/tmp/ea_fuzz_elsewhere", "w").close(), "Touched: wrote"),  # noqa: PTH123, S108
    "logs": (lambda: __import__("logging").error("unseen"), "LoggedError"),
}


def with_fault(fault, inputs):
    target = Target(1, lambda _: 0, lambda _, data: data, lambda *_: (fault(), REFUSED)[1])
    TARGETS.clear()
    TARGETS["fault"] = target
    return try_input(inputs)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name, monkeypatch):
    fault, said = FAULTS[name]
    monkeypatch.setattr("tests.fuzz.worker.SECONDS", 0.3)
    known = dict(TARGETS)
    try:
        ended, words = with_fault(fault, Input(0, 0))
    finally:
        TARGETS.clear()
        TARGETS.update(known)
    assert ended == "finding"
    assert words.startswith(said)


def test_a_process_that_dies_is_a_finding(monkeypatch):
    def die(connection, inputs, *, limited):
        connection.send(("begun", inputs[0], "", ""))
        sys.exit(3)

    monkeypatch.setattr("tests.fuzz.run.work", die)
    monkeypatch.setattr("tests.fuzz.run.PROCESSES", multiprocessing.get_context("fork"))
    found = []
    left = run_in_process([Input(0, 0), Input(0, 1)], lambda *told: found.append(told))
    assert left == [Input(0, 1)]
    assert found == [(Input(0, 0), "finding", "Death: the process ended with 3")]


def test_a_finding_is_made_small(monkeypatch):
    def run(inputs, tell):
        (one,) = inputs
        bad = 2 in one.all_steps
        tell(one, "finding" if bad else "accepted", "IndexError: x | at a.py:1 f" if bad else "")
        return []

    monkeypatch.setattr("tests.fuzz.run.run_in_process", run)
    one = Input(0, 0, (0, 1, 2, 3))
    small, said = minimise(one, "IndexError: x | at a.py:1 f")
    assert small.steps == (2,)
    assert kind_of(small, said).endswith("IndexError | a.py:1 f")
