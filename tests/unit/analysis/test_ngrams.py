"""Buckets are the same everywhere, and places are those of the text."""

import numpy as np

from app.analysis.ngrams import BUCKETS, grams, weighed


def same(one: str, other: str) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(grams(one).blocks, grams(other).blocks, strict=True))


def test_buckets_are_the_same_in_every_process_and_on_every_machine():
    assert same("bin", "BIN")
    assert same("at 10:45", "at 23:59")
    assert sum(int(block.sum()) for block in grams("The bin, 又没收").blocks) == CHECKSUM


def test_places_are_in_the_text():
    text = "İstanbul bus late 公交晚点"
    start, end = grams(text).places()

    assert (start.min(), end.max()) == (-1, len(text) + 1)
    assert len(start) == sum(map(len, grams(text).blocks))
    assert "bus late" in {text[a:b] for a, b in zip(start, end, strict=True)}


def test_a_text_of_nothing_has_a_vector_of_nothing():
    buckets, values = weighed(grams(""), np.ones(BUCKETS, np.float32))

    assert len(buckets) == len(values)
    assert np.isfinite(values).all()


CHECKSUM = 3733813
