"""Jupyter widgets that show which properties of the data drive a detector's performance.

Public names are imported on first use (PEP 562): a worker that only computes never loads bqplot.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ea_widgets.analysis.actions.best_confidence import BestConfidence as BestConfidence
    from ea_widgets.analysis.actions.examples import ExamplePage as ExamplePage
    from ea_widgets.analysis.actions.rule import Rule as Rule
    from ea_widgets.analysis.actions.what_if import RuleEffect as RuleEffect
    from ea_widgets.analysis.calibration.calibration import Calibration as Calibration
    from ea_widgets.analysis.comparison.comparison import Comparison as Comparison
    from ea_widgets.analysis.comparison.comparison import compare_coco as compare_coco
    from ea_widgets.analysis.comparison.comparison_view import ComparisonView as ComparisonView
    from ea_widgets.analysis.comparison.paired_curve import ComparedCurve as ComparedCurve
    from ea_widgets.analysis.comparison.paired_scores import ComparedScores as ComparedScores
    from ea_widgets.analysis.curves.curve import Curve as Curve
    from ea_widgets.analysis.curves.sentences import Sentence as Sentence
    from ea_widgets.analysis.evaluation import Evaluation as Evaluation
    from ea_widgets.analysis.label_errors.verdicts import LabelVerdicts as LabelVerdicts
    from ea_widgets.analysis.matching.matches import Matches as Matches
    from ea_widgets.analysis.matching.reasons import Gains as Gains
    from ea_widgets.analysis.matching.reasons import Reasons as Reasons
    from ea_widgets.analysis.operating.operating_points import OperatingPoints as OperatingPoints
    from ea_widgets.analysis.scores.scores import Scores as Scores
    from ea_widgets.analysis.slices.condition import where as where
    from ea_widgets.analysis.slices.named import read_slices as read_slices
    from ea_widgets.analysis.slices.named import save_slices as save_slices
    from ea_widgets.analysis.view import View as View
    from ea_widgets.core.counting.edges import Binning as Binning
    from ea_widgets.data.catalogue.registry import metric as metric
    from ea_widgets.data.dataset import Dataset as Dataset
    from ea_widgets.data.demo import load_demo as load_demo
    from ea_widgets.data.metrics.compute import compute_metrics as compute_metrics
    from ea_widgets.data.read import read as read
    from ea_widgets.data.read_formats import read_coco as read_coco
    from ea_widgets.data.read_formats import read_cvat as read_cvat
    from ea_widgets.data.read_formats import read_kitti as read_kitti
    from ea_widgets.data.read_formats import read_label_studio as read_label_studio
    from ea_widgets.data.read_formats import read_lvis as read_lvis
    from ea_widgets.data.read_formats import read_open_images as read_open_images
    from ea_widgets.data.read_formats import read_voc as read_voc
    from ea_widgets.data.read_formats import read_yolo as read_yolo
    from ea_widgets.errors import InvalidInputError as InvalidInputError
    from ea_widgets.errors import NotAnswerableError as NotAnswerableError
    from ea_widgets.errors import RepeatedImageError as RepeatedImageError
    from ea_widgets.errors import SummaryFormatError as SummaryFormatError
    from ea_widgets.errors import SummaryMismatchError as SummaryMismatchError
    from ea_widgets.reporting.report import report as report
    from ea_widgets.summary.comparison import SummaryComparison as SummaryComparison
    from ea_widgets.summary.comparison import SummaryComparisonView as SummaryComparisonView
    from ea_widgets.summary.comparison import compare as compare
    from ea_widgets.summary.summarize import summarize as summarize
    from ea_widgets.summary.summary import Summary as Summary
    from ea_widgets.summary.summary import load_summary as load_summary
    from ea_widgets.summary.summary_view import SummaryView as SummaryView
    from ea_widgets.widgets.base.link import link as link
    from ea_widgets.widgets.comparison.history import EvaluationHistory as EvaluationHistory
    from ea_widgets.widgets.comparison.page import ComparisonPage as ComparisonPage
    from ea_widgets.widgets.diagnosis.calibration_panel import Reliability as Reliability
    from ea_widgets.widgets.diagnosis.coco_panel import CocoTable as CocoTable
    from ea_widgets.widgets.diagnosis.confusion_panel import Confusion as Confusion
    from ea_widgets.widgets.diagnosis.images_panel import ImageTable as ImageTable
    from ea_widgets.widgets.diagnosis.kinds_panel import ErrorKinds as ErrorKinds
    from ea_widgets.widgets.diagnosis.label_errors_panel import LabelErrors as LabelErrors
    from ea_widgets.widgets.diagnosis.operating_panel import OperatingPoint as OperatingPoint
    from ea_widgets.widgets.diagnosis.pairs_panel import Pairs as Pairs
    from ea_widgets.widgets.diagnosis.slices_panel import Slices as Slices
    from ea_widgets.widgets.examples.examples_panel import Examples as Examples
    from ea_widgets.widgets.explore import explore as explore
    from ea_widgets.widgets.explorer import Explorer as Explorer
    from ea_widgets.widgets.panels.importance_panel import ImportancePanel as ImportancePanel
    from ea_widgets.widgets.panels.per_class import PerClass as PerClass
    from ea_widgets.widgets.panels.performance_by_metric import (
        PerformanceByMetric as PerformanceByMetric,
    )
    from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep as ImportanceSweep
    from ea_widgets.widgets.panels.what_if_panel import WhatIf as WhatIf
    from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges as WorstRanges
    from ea_widgets.widgets.summary.comparison_page import (
        SummaryComparisonPage as SummaryComparisonPage,
    )
    from ea_widgets.widgets.summary.page import SummaryPage as SummaryPage

_HOMES = {
    "BestConfidence": "analysis.actions.best_confidence",
    "Binning": "core.counting.edges",
    "Calibration": "analysis.calibration.calibration",
    "CocoTable": "widgets.diagnosis.coco_panel",
    "ComparedCurve": "analysis.comparison.paired_curve",
    "ComparedScores": "analysis.comparison.paired_scores",
    "Comparison": "analysis.comparison.comparison",
    "ComparisonPage": "widgets.comparison.page",
    "ComparisonView": "analysis.comparison.comparison_view",
    "Confusion": "widgets.diagnosis.confusion_panel",
    "Curve": "analysis.curves.curve",
    "Dataset": "data.dataset",
    "ErrorKinds": "widgets.diagnosis.kinds_panel",
    "Evaluation": "analysis.evaluation",
    "EvaluationHistory": "widgets.comparison.history",
    "ExamplePage": "analysis.actions.examples",
    "Examples": "widgets.examples.examples_panel",
    "Explorer": "widgets.explorer",
    "Gains": "analysis.matching.reasons",
    "ImageTable": "widgets.diagnosis.images_panel",
    "ImportancePanel": "widgets.panels.importance_panel",
    "ImportanceSweep": "widgets.panels.sweep_panel",
    "InvalidInputError": "errors",
    "LabelErrors": "widgets.diagnosis.label_errors_panel",
    "LabelVerdicts": "analysis.label_errors.verdicts",
    "Matches": "analysis.matching.matches",
    "NotAnswerableError": "errors",
    "OperatingPoint": "widgets.diagnosis.operating_panel",
    "OperatingPoints": "analysis.operating.operating_points",
    "Pairs": "widgets.diagnosis.pairs_panel",
    "PerClass": "widgets.panels.per_class",
    "PerformanceByMetric": "widgets.panels.performance_by_metric",
    "Reasons": "analysis.matching.reasons",
    "Reliability": "widgets.diagnosis.calibration_panel",
    "RepeatedImageError": "errors",
    "Rule": "analysis.actions.rule",
    "RuleEffect": "analysis.actions.what_if",
    "Scores": "analysis.scores.scores",
    "Sentence": "analysis.curves.sentences",
    "Slices": "widgets.diagnosis.slices_panel",
    "Summary": "summary.summary",
    "SummaryComparison": "summary.comparison",
    "SummaryComparisonPage": "widgets.summary.comparison_page",
    "SummaryComparisonView": "summary.comparison",
    "SummaryFormatError": "errors",
    "SummaryMismatchError": "errors",
    "SummaryPage": "widgets.summary.page",
    "SummaryView": "summary.summary_view",
    "View": "analysis.view",
    "WhatIf": "widgets.panels.what_if_panel",
    "WorstRanges": "widgets.panels.worst_ranges_panel",
    "compare": "summary.comparison",
    "compare_coco": "analysis.comparison.comparison",
    "compute_metrics": "data.metrics.compute",
    "explore": "widgets.explore",
    "link": "widgets.base.link",
    "load_demo": "data.demo",
    "load_summary": "summary.summary",
    "metric": "data.catalogue.registry",
    "read": "data.read",
    "read_coco": "data.read_formats",
    "read_cvat": "data.read_formats",
    "read_label_studio": "data.read_formats",
    "read_lvis": "data.read_formats",
    "read_open_images": "data.read_formats",
    "read_kitti": "data.read_formats",
    "read_voc": "data.read_formats",
    "read_yolo": "data.read_formats",
    "read_slices": "analysis.slices.named",
    "report": "reporting.report",
    "save_slices": "analysis.slices.named",
    "summarize": "summary.summarize",
    "where": "analysis.slices.condition",
}

__all__ = sorted([*_HOMES, "__version__"])  # noqa: PLE0605  # the keys are the one list of names


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    if name == "__version__":
        return version("ea_widgets")
    if name == "dask":  # needs an extra; never loaded before it is asked for
        return import_module("ea_widgets.dask")
    if name not in _HOMES:
        raise AttributeError(f"module 'ea_widgets' has no attribute {name!r}")
    value = getattr(import_module(f"ea_widgets.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, for completion."""
    return sorted({*globals(), *__all__})
