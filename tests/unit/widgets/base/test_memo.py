"""Did anything change for a part: values by equality, held objects by identity."""

from __future__ import annotations

from ea_widgets.widgets.base.memo import Memo


class Equal:
    """Says that it equals everything, as a table or an array may."""

    def __eq__(self, _other: object) -> bool:
        return True

    __hash__ = None


def test_values_are_compared_by_equality_and_objects_by_identity():
    memo, one, other = Memo(), Equal(), Equal()
    assert memo.changed("part", one, 0.5, ("cat",), None)
    assert not memo.changed("part", one, 0.5, ("cat",), None)
    assert memo.changed("part", other, 0.5, ("cat",), None)
    assert memo.changed("part", other, 0.5, (), None)
    assert memo.changed("another", other, 0.5, (), None)
    memo.forget("another")
    assert memo.changed("another", other, 0.5, (), None)
    memo.clear()
    assert memo.changed("part", other, 0.5, (), None)


def test_an_object_that_is_gone_is_not_taken_for_the_next_one():
    memo = Memo()
    for _ in range(50):  # each may be put where the one before was
        assert memo.changed("part", Equal())
