"""Every public object crosses processes: pickled, copied deeply, and through a pool."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import pytest
from traitlets import HasTraits

import ea_widgets as ea

NAME = "Object Area - Relative (P)"


@pytest.fixture(scope="module")
def evaluation():
    return ea.Evaluation(ea.load_demo())


@pytest.fixture(scope="module")
def objects(evaluation):
    """One object of each public class that is no widget."""
    view = evaluation.at(0.5)
    compared = ea.compare({"one": evaluation, "other": evaluation})
    rule = ea.Rule(NAME, high=0.24, min_confidence=0.5)
    summary = ea.summarize(evaluation)
    between = ea.compare({"one": summary, "other": summary})
    suspects = view.label_errors("missing").head(2).assign(verdict="skip")
    made = [
        evaluation, view, evaluation.dataset, view.scores(), view.reasons(), view.matches(),
        view.reasons(gain=True), view.curve(NAME), view.sentences(NAME), view.binning(8),
        view.calibration(), view.operating_points(), view.objects_in_range(NAME),
        view.best_min_confidence(NAME, high=0.24), view.what_if([rule]), rule, compared,
        compared.at(), compared.at().scores(), compared.at().curve(NAME), summary, summary.at(),
        between, between.at(), ea.LabelVerdicts(evaluation.dataset, suspects),
        ea.where("Size", high=1),
        ea.InvalidInputError("a", "b", "c"), ea.NotAnswerableError("a", "b", "c", 0.5),
        ea.RepeatedImageError("a", "b", "c"), ea.SummaryFormatError("a", "b", "c"),
        ea.SummaryMismatchError("a", "b", "c"),
    ]  # fmt: skip
    for one in list(made):
        if isinstance(one, (list, tuple)):
            made += one
    return made


def public_classes():
    found = {name: getattr(ea, name) for name in ea.__all__}
    return {name: one for name, one in found.items() if isinstance(one, type)}


def test_there_is_an_object_of_every_public_class(objects):
    known = {name for kind in map(type, objects) for name in (base.__name__ for base in kind.mro())}
    known.add("Gains")  # inside Reasons with gain=True
    of_widgets = {n for n, kind in public_classes().items() if issubclass(kind, HasTraits)}
    assert set(public_classes()) - known - of_widgets == set()


def test_everything_is_pickled_and_copied(objects):
    for one in objects:
        for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one), copy.copy(one)):  # noqa: S301
            assert type(again) is type(one)
            assert repr(again) == repr(one)


def test_a_copy_gives_the_same_numbers(evaluation):
    again = pickle.loads(pickle.dumps(evaluation))  # noqa: S301  # our own
    for one in (again, copy.deepcopy(evaluation)):
        assert one.scores().to_dict() == evaluation.scores().to_dict()
        assert one.importance().equals(evaluation.importance())


def true_positives(evaluation, threshold):
    return evaluation.scores(threshold).true_positives


def test_other_processes_answer_too(evaluation):
    thresholds = [0.25, 0.5, 0.75]
    expected = [true_positives(evaluation, threshold) for threshold in thresholds]
    work = (joblib.delayed(true_positives)(evaluation, threshold) for threshold in thresholds)
    assert joblib.Parallel(n_jobs=2)(work) == expected
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.starmap(true_positives, [(evaluation, 0.5)]) == [expected[1]]


def test_eight_threads_ask_one_evaluation(evaluation):
    def ask(number):
        threshold = (number % 19 + 1) / 20
        classes = evaluation.class_names[: number % 3]
        view = evaluation.at(threshold, number % 5 / 10, classes)
        return view.scores().to_dict(), view.importance().to_csv(), view.curve(NAME).predictions

    fresh = ea.Evaluation(evaluation.dataset)
    wanted = {}
    for number in range(30):
        wanted[number] = ask(number)
    start = threading.Barrier(8)

    def work(seed):
        start.wait()
        for number in range(30):
            at = (number * 7 + seed * 11) % 30
            found = ask(at)
            if found[:2] != wanted[at][:2] or not found[2].equals(wanted[at][2]):
                return at
        return None

    evaluation = fresh  # nothing is kept from before
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [None] * 8
