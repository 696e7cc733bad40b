import copy
import json
import pickle

import numpy as np
import pytest

from ea_widgets.core.counting.edges import Binning
from ea_widgets.errors import InvalidInputError


def test_equal_edges_are_one_key_and_survive_json_pickle_and_copies():
    edges = np.sort(np.random.default_rng(0).normal(size=9))
    binning = Binning({"Size (P)": edges, "Fog (F)": [0.0, 0.0, 0.1]})
    same = Binning({"Fog (F)": (0, 0, 0.1), "Size (P)": edges.tolist()})
    assert binning == same
    assert hash(binning) == hash(same)
    assert binning != Binning({"Size (P)": edges})
    assert binning != "Size (P)"
    for again in (
        Binning.from_dict(json.loads(json.dumps(binning.to_dict()))),
        pickle.loads(pickle.dumps(binning)),  # noqa: S301  # its own bytes
        copy.deepcopy(binning),
    ):
        assert again == binning
    assert binning.of("Size (P)").tolist() == edges.tolist()
    assert binning.n_bins("Size (P)") == 8


def test_nobody_changes_its_edges():
    edges = [0.0, 1.0]
    binning = Binning({"Size (P)": edges})
    edges.append(2.0)
    assert binning.edges["Size (P)"] == (0.0, 1.0)
    with pytest.raises(TypeError, match="does not support item assignment"):
        binning.edges["Size (P)"] = (0.0, 3.0)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([1.0], "`bins` has no edges for 'Size (P)' but [1.0]. Give two finite numbers or more."),
        (
            [0.0, np.nan],
            "`bins` has no edges for 'Size (P)' but [0.0, nan]. Give two finite numbers or more.",
        ),
        ("ab", "`bins` has no edges for 'Size (P)' but 'ab'. Give two finite numbers or more."),
        (
            [0, 2, 1],
            "`bins` has edges of 'Size (P)' that do not ascend: [0, 2, 1]. Sort them.",
        ),
        (
            [0, 1, 1, 2],
            "`bins` has edges of 'Size (P)' that do not ascend: [0, 1, 1, 2]. Sort them.",
        ),
    ],
)
def test_edges_that_bin_nothing_are_refused(edges, message):
    with pytest.raises(InvalidInputError) as caught:
        Binning({"Size (P)": edges})
    assert str(caught.value) == message


def test_a_list_of_edges_is_of_no_metric():
    with pytest.raises(InvalidInputError) as caught:
        Binning([0, 1])
    assert str(caught.value) == (
        "`bins` is [0, 1]. Give edges by the displayed name of the metric."
    )
