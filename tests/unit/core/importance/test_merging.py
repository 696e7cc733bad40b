import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.importance.importance import BinCounts, merge_bins, most_gained

bins = st.lists(
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=12,
)


def entropy(successes, totals):
    """Rows times the entropy of their outcome, in nats."""
    shares = np.array([successes, totals - successes]) / max(totals, 1)
    return -totals * sum(share * np.log(share) for share in shares if share > 0)


def merged(counts, low, high):
    """Fayyad and Irani's cuts as they are written down, one bin range after the other."""
    hits, rows = (np.append(0, np.cumsum([bin_[at] for bin_ in counts])) for at in (0, 1))
    n, s = rows[high] - rows[low], hits[high] - hits[low]
    best, whole = None, entropy(s, n)
    for cut in range(low + 1, high):
        parts = [(hits[b] - hits[a], rows[b] - rows[a]) for a, b in ((low, cut), (cut, high))]
        left = sum(entropy(*part) for part in parts)
        if best is None or left < best[0] - 1e-9:
            best = left, cut, parts
    if best is None or not 0 < s < n:
        return [(low, high)]
    left, cut, parts = best
    kinds = [int(part[0] > 0) + int(part[0] < part[1]) for part in parts]
    price = np.log(n - 1) + np.log(7) - 2 * whole / n
    price += sum(
        kind * entropy(*part) / max(part[1], 1) for kind, part in zip(kinds, parts, strict=True)
    )
    if whole - left <= price or not all(part[1] for part in parts):
        return [(low, high)]
    return merged(counts, low, cut) + merged(counts, cut, high)


@given(first=bins, second=bins)
def test_bins_are_merged_as_the_rule_says(first, second):
    width = max(len(first), len(second))
    padded = [[*counts, *[(0, 0)] * (width - len(counts))] for counts in (first, second)]
    table = np.array(padded)
    found = merge_bins(BinCounts(table[..., 0], table[..., 1]))
    for metric, counts in enumerate(padded):
        mine = found.metric == metric
        starts = list(zip(found.start[mine].tolist(), found.stop[mine].tolist(), strict=True))
        assert starts == merged(counts, 0, width)


@given(counts=bins)
def test_no_cut_gains_more_than_its_bound(counts):
    s, n = np.array(counts).sum(axis=0)
    if not 0 < s < n:
        return
    hits, rows = np.array(counts).cumsum(axis=0)[:-1].T
    bound = most_gained(hits, rows, np.array([s]), np.array([n]), np.array([len(hits)]))
    for left_s, left_n, most in zip(hits, rows, bound, strict=True):
        kept = entropy(left_s, left_n) + entropy(s - left_s, n - left_n)
        assert entropy(s, n) - kept <= most + 1e-9
