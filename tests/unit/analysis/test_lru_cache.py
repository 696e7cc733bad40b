"""The last answers are kept, in the order of their last use."""

from __future__ import annotations

import copy
import pickle

from ea_widgets.analysis.lru_cache import LruCache


def asked(cache, *keys):
    """The questions that are computed, of those asked in turn."""
    computed = []
    for key in keys:
        assert cache.get(key, lambda key=key: computed.append(key) or key.upper()) == key.upper()
    return computed


def test_an_answer_is_computed_once():
    assert asked(LruCache(2), "a", "b", "a", "b", "b") == ["a", "b"]


def test_what_was_used_longest_ago_goes_first():
    cache = LruCache(2)
    assert asked(cache, "a", "b", "a") == ["a", "b"]
    assert asked(cache, "c") == ["c"]  # b goes: a came first, and was used since
    assert asked(cache, "a", "c") == []
    assert asked(cache, "b") == ["b"]
    assert asked(cache, "a") == ["a"]


def test_no_more_are_kept_than_wanted():
    cache = LruCache(3)
    asked(cache, *"abcdefg")
    assert asked(cache, "g", "f", "e") == []
    assert asked(cache, "d") == ["d"]


def test_a_copy_is_empty_and_works():
    cache = LruCache(1)
    asked(cache, "a")
    for other in (copy.copy(cache), copy.deepcopy(cache), pickle.loads(pickle.dumps(cache))):  # noqa: S301
        assert asked(other, "a", "a", "b", "a") == ["a", "b", "a"]
    assert asked(cache, "a") == []
