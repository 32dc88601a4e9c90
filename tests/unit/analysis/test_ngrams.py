"""Buckets are the same everywhere, and places are those of the text."""

import numpy as np

from app.analysis.ngrams import BUCKETS, grams, weighed


def test_buckets_are_the_same_in_every_process_and_on_every_machine():
    assert grams("bin").bucket.tolist() == grams("BIN").bucket.tolist()
    assert grams("at 10:45").bucket.tolist() == grams("at 23:59").bucket.tolist()
    assert int(grams("The bin, 又没收").bucket.sum()) == CHECKSUM


def test_places_are_in_the_text():
    text = "İstanbul bus late 公交晚点"
    found = grams(text)

    assert found.start.min() == -1
    assert (found.start + found.length).max() == len(text) + 1
    words = found.block == 1
    assert "bus late" in {text[a : a + n] for a, n in zip(found.start[words], found.length[words], strict=True)}


def test_a_text_of_nothing_has_a_vector_of_nothing():
    buckets, values = weighed(grams(""), np.ones(BUCKETS, np.float32))

    assert len(buckets) == len(values)
    assert np.isfinite(values).all()


CHECKSUM = 4467836
