"""Loads what is loaded on first use, once, in the process that all workers are forked from."""

from __future__ import annotations

import numpy as np

from tests.fuzz.ask import act_on_page
from tests.fuzz.targets import known_evaluation, summary_bytes

act_on_page(np.random.default_rng(0), known_evaluation(), acts=1)
summary_bytes()
