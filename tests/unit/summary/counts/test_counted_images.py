"""Images that come twice are noticed, however many there are, from bounded memory."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.summary.counts import CountedImages, counted_images, image_hashes
from tests.unit.summary.conftest import made_dataset

HASHES = image_hashes(pd.Series(np.arange(400)))


@pytest.fixture(autouse=True, scope="module")
def few():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counted_images, "MOST_KEPT", 64)
        yield


@given(st.permutations(range(9)), st.integers(0, 2**32))
def test_what_is_kept_does_not_depend_on_the_split(order, seed):
    part = np.random.default_rng(seed).integers(0, 9, len(HASHES))
    made = [CountedImages.of(HASHES[part == number]) for number in order]
    while len(made) > 1:
        made = [sum(made[at + 1 : at + 3], start=made[at]) for at in range(0, len(made), 3)]
    whole = CountedImages.of(HASHES)
    assert made[0].is_same(whole)
    assert (made[0].n, made[0].halvings) == (400, whole.halvings)


def test_no_more_hashes_are_kept_than_the_limit():
    kept = CountedImages.of(HASHES)
    assert 16 < len(kept.hashes) <= 64
    expected = [one for one in HASHES.tolist() if one < 2**64 >> kept.halvings]
    assert kept.hashes.tolist() == sorted(expected)


def test_a_part_that_comes_twice_is_noticed_whichever_is_larger():
    whole, part = CountedImages.of(HASHES), CountedImages.of(HASHES[:60])
    for one, other in ((whole, part), (part, whole), (whole, whole)):
        with pytest.raises(ea.RepeatedImageError, match="images were counted already"):
            one + other


def test_the_file_holds_all_that_is_known_of_the_images(monkeypatch):
    monkeypatch.setattr(counted_images, "MOST_KEPT", 16)
    summary = ea.summarize(made_dataset(), iou_thresholds=(0.5,))
    again = ea.Summary.from_bytes(summary.to_bytes())
    assert (again.images.n, again.facts.images) == (60, 60)
    assert again.images.halvings == summary.images.halvings > 0
    assert 0 < len(again.images.hashes) <= 16
    with pytest.raises(ea.RepeatedImageError):
        again + summary
