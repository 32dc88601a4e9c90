"""No fold knows another, and what is only for training resembles nothing that is measured."""

from collections import Counter

import pytest

from training import data


@pytest.fixture(scope="module")
def known() -> list[data.Comment]:
    return data.comments(data.OURS)


def test_near_duplicates_share_a_fold(known):
    comment = known[0]
    again = data.Comment(**{**comment.__dict__, "raw": comment.raw + " !!"})

    fold = data.folds([*known[:200], again])

    assert fold[0] == fold[-1]


def test_folds_have_equal_shares_of_every_language_and_label(known):
    counted = Counter(
        (comment.language, comment.label, fold)
        for comment, fold in zip(known, data.folds(known), strict=True)
        if fold >= 0
    )

    for language in data.LANGUAGES:
        for label in data.LABELS:
            shares = [counted[language, label, fold] for fold in range(data.FOLDS)]
            assert max(shares) - min(shares) <= 3


def test_what_is_written_for_training_is_not_measured_and_resembles_nothing_that_is(known):
    measured = data.Shingles([comment for comment in known if comment.measured])

    written = [comment for comment in known if comment.origin == "written"]
    assert len(written) > 1_000
    assert not any(comment.measured or measured.near(comment.raw) for comment in written)


def test_the_heads_read_texts_without_persons(known):
    private = [span["text"] for comment in known for span in comment.private if span["type"] == "EMAIL"]

    assert len(private) > 20
    assert sum(any(text in comment.text for comment in known) for text in private) <= 3
