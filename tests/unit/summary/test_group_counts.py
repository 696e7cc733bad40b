"""Counts in random groups of clusters: they add up to the whole, whatever the split."""

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.summary.counts.clusters import SKETCH, count_clusters, sketch
from ea_widgets.summary.counts.compact import add_counts
from ea_widgets.summary.counts.hashes import mix
from tests.unit.summary.conftest import made_dataset


@pytest.mark.parametrize("level", ["P", "O"])
@pytest.mark.parametrize("confidence", [None, 0.3, 0.7])
def test_groups_add_up_to_what_is_counted(summary, level, confidence):
    view, columns = summary.at(0.5, confidence), summary.settings.columns(level)
    groups, counted = view.counts.groups(level), view.counts.together(level)
    for name, few in summary.settings.displayed(level).items():
        bins = slice(columns[name].start, columns[name].stop - 1)
        for by_group, whole in ((groups.rows, counted.totals), (groups.hits, counted.successes)):
            expected = np.add.reduceat(whole[bins], summary.settings.display_starts(name))
            assert by_group[:, few].sum(axis=0).tolist() == expected.tolist()
    assert np.unique(np.flatnonzero(groups.rows.sum(axis=1))).size > 30  # of 60 images


def test_sums_by_group_give_the_correlations(summary):
    for level, outcome in (("P", "true_positive"), ("O", "missed")):
        table = summary.at(0.5).importance(outcome)
        view = summary.at(0.5)
        columns = summary.settings.displayed(level)
        n, x, xx, y, xy = np.split(view.counts.groups(level).sums(columns).sum(axis=0), 5)
        with np.errstate(divide="ignore", invalid="ignore"):
            r = (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * y - y * y))
        np.testing.assert_allclose(r, table["correlation"].loc[list(columns)], atol=1e-9)


def test_a_cluster_may_be_split_over_parts():
    dataset = made_dataset(4)
    images = dataset.images.assign(video=[f"video {n % 17}" for n in range(len(dataset.images))])
    videos = ea.Dataset.from_frames(images, dataset.labels, dataset.predictions, cluster="video")
    whole = ea.summarize(videos)
    part = np.arange(len(images)) % 3
    parts = [videos.subset(part == number) for number in range(3)]
    assert ea.summarize(parts).to_bytes() == whole.to_bytes()
    assert whole.at(0.5).counts.groups("P").n_clusters == 17
    with pytest.raises(ea.SummaryMismatchError, match=r"^`cluster` is not the same in both"):
        whole + ea.summarize(dataset, whole.binning)


def test_whole_numbers_name_the_same_clusters_whatever_their_kind():
    dataset = made_dataset(4)
    video = np.arange(len(dataset.images)) % 17
    found = []
    for values in (video, video.astype(float)):
        frames = dataset.images.assign(video=values), dataset.labels, dataset.predictions
        made = ea.summarize(ea.Dataset.from_frames(*frames, cluster="video"))
        found.append({name: one.clusters["P0"].tolist() for name, one in made.counts.items()})
    assert found[0] == found[1]


def test_clusters_are_counted_exactly_if_few_and_nearly_if_many():
    hashes = mix(np.arange(20_000, dtype=np.uint64))
    assert count_clusters([sketch(hashes[:40]), sketch(hashes[30:50])]) == 50
    assert len(sketch(hashes)) == SKETCH
    assert count_clusters([sketch(hashes[::2]), sketch(hashes[1::2])]) == pytest.approx(
        20_000, rel=0.3
    )


def test_small_counts_grow_when_they_must():
    one = np.array([200, 3], np.uint8)
    assert add_counts(one, one).tolist() == [400, 6]
    assert add_counts(one, one[::-1].copy()).dtype == np.uint16
