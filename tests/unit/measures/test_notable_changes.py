"""Whether a difference is one: exact tests against tables worked out by hand, and no alarm by looking often."""

import random
from math import comb

import pytest

from app.kernel.shares import share_of
from app.measures.notable_changes import compare, exact_p, notable_among


@pytest.mark.parametrize(
    ("a", "of_a", "b", "of_b", "p"),
    [
        # Fisher's lady and her tea: 3 of 4 and 1 of 4 give (1 + 16 + 16 + 1) / 70.
        (3, 4, 1, 4, 34 / 70),
        (4, 4, 0, 4, 2 / 70),
        (1, 2, 1, 2, 1.0),
        (0, 5, 0, 7, 1.0),
        (8, 10, 1, 6, 0.03497),
        (12, 100, 27, 86, 0.00188668),
    ],
)
def test_the_exact_test_agrees_with_tables(a, of_a, b, of_b, p):
    assert exact_p(a, of_a, b, of_b) == pytest.approx(p, rel=2e-2)
    assert exact_p(b, of_b, a, of_a) == pytest.approx(exact_p(a, of_a, b, of_b))
    assert exact_p(of_a - a, of_a, of_b - b, of_b) == pytest.approx(exact_p(a, of_a, b, of_b))


def test_a_share_that_is_none_is_refused():
    with pytest.raises(ValueError, match="is not a share"):
        exact_p(5, 4, 1, 2)


@pytest.mark.parametrize(
    ("ps", "hold"),
    [
        ([], []),
        ([0.04], [True]),
        ([0.2], [False]),
        # The example of the paper in small: the second holds because the third does.
        ([0.01, 0.06, 0.07, 0.5], [True, True, True, False]),
        ([0.5, 0.026, 0.2, 0.3], [False, False, False, False]),
    ],
)
def test_what_holds_among_many(ps, hold):
    assert notable_among(ps) == hold


def test_a_clear_rise_is_notable_and_the_rest_is_said_to_be_unclear_with_what_would_have_shown():
    late, steady, nothing = compare(
        {
            "late": (share_of(12, 100), share_of(34, 86)),
            "steady": (share_of(50, 100), share_of(45, 86)),
            "nothing": (share_of(0, 0), share_of(3, 4)),
        }
    )

    assert (late.is_notable, late.rose, late.shown_above) == (True, True, None)
    assert not steady.is_notable
    assert steady.shown_below < 0.5 < steady.shown_above
    assert (nothing.p, nothing.is_notable, nothing.shown_above) == (None, False, None)


def test_what_would_have_shown_is_the_nearest_that_does():
    (change,) = compare({"only": (share_of(50, 100), share_of(45, 86))})
    above, below = round(change.shown_above * 86), round(change.shown_below * 86)

    assert exact_p(50, 100, above, 86) <= 0.1 < exact_p(50, 100, above - 1, 86)
    assert exact_p(50, 100, below, 86) <= 0.1 < exact_p(50, 100, below + 1, 86)


def test_the_nearest_that_shows_is_found_wherever_the_search_begins():
    dice = random.Random(3)
    for _ in range(150):
        n_before, n = dice.randint(1, 400), dice.randint(1, 90)
        a = dice.choice((0, n_before, dice.randint(0, n_before)))
        (change,) = compare({"only": (share_of(a, n_before), share_of(a * n // n_before, n))})
        if change.is_notable:
            continue
        shows = [count for count in range(n + 1) if exact_p(a, n_before, count, n) <= 0.1]
        middle = a / n_before * n
        nearest = (
            max((count / n for count in shows if count <= middle), default=None),
            min((count / n for count in shows if count > middle), default=None),
        )
        assert (change.shown_below, change.shown_above) == nearest, (a, n_before, n)


def test_pages_on_which_nothing_changed_seldom_cry_wolf():
    dice = random.Random(5)

    def drawn(n):
        return share_of(sum(dice.random() < 0.3 for _ in range(n)), n)

    pages = [compare({str(nth): (drawn(80), drawn(60)) for nth in range(10)}) for _ in range(200)]
    assert sum(any(change.is_notable for change in page) for page in pages) / 200 <= 0.12


def test_the_exact_test_is_that_of_the_book_whatever_the_table():
    dice = random.Random(11)
    for _ in range(300):
        of_a, of_b = dice.randint(1, 60), dice.randint(1, 60)
        a, b = dice.randint(0, of_a), dice.randint(0, of_b)
        assert exact_p(a, of_a, b, of_b) == pytest.approx(by_the_book(a, of_a, b, of_b), abs=1e-9), (a, of_a, b, of_b)


def by_the_book(a, of_a, b, of_b):
    both = a + b
    ways = {k: comb(of_a, k) * comb(of_b, both - k) for k in range(max(0, both - of_b), min(both, of_a) + 1)}
    return sum(each for each in ways.values() if each <= ways[a]) / sum(ways.values())
