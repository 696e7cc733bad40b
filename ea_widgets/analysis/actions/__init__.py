"""Ranges, examples, rules, and what they would change."""

from ea_widgets.analysis.actions.best_confidence import BestConfidence as BestConfidence
from ea_widgets.analysis.actions.best_confidence import best_min_confidence as best_min_confidence
from ea_widgets.analysis.actions.examples import SORTS as SORTS
from ea_widgets.analysis.actions.examples import ExamplePage as ExamplePage
from ea_widgets.analysis.actions.examples import objects_in_range as objects_in_range
from ea_widgets.analysis.actions.no_ranges import why_no_range as why_no_range
from ea_widgets.analysis.actions.object_kinds import KINDS as KINDS
from ea_widgets.analysis.actions.rule import Rule as Rule
from ea_widgets.analysis.actions.what_if import RuleEffect as RuleEffect
from ea_widgets.analysis.actions.what_if import try_rules as try_rules
from ea_widgets.analysis.actions.worst_ranges import find_worst_ranges as find_worst_ranges
