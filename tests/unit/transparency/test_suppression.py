"""What is hidden so that nobody can work it out: rule by rule, and against an attacker with all that is shown."""

import random
from datetime import date, timedelta

import pytest

from app.kernel.errors import MoveNotAllowed
from app.transparency.rules import STEPS, InFreeze, check_step, names_of
from app.transparency.rules import PublicationState as State
from app.transparency.rules import PublicationStep as Step
from app.transparency.suppression import Before, Cell, Left, Part, left_over, shown_among, shown_of_month
from tests.attack import Attack

K = 10


@pytest.mark.parametrize(
    ("rows", "others", "shown"),
    [
        # Nothing small: all is shown.
        ({"a": (20, 20), "b": (10, 10)}, [], "ab"),
        # One small row alone would be what is left; the smallest other one goes with it.
        ({"a": (3, 40), "b": (50, 50), "c": (30, 30)}, [], "b"),
        # Numerators and complements are cells alike.
        ({"a": (40, 3), "b": (50, 50), "c": (30, 30)}, [], "b"),
        # Zero is small: that nobody was answered in time is told of nobody.
        ({"a": (0, 40), "b": (50, 50), "c": (30, 30)}, [], "b"),
        # Two small ones whose sum is small tell too much together.
        ({"a": (2, 20), "b": (3, 20), "c": (30, 30), "d": (90, 90)}, [], "d"),
        # Two small ones whose sum is large enough protect each other.
        ({"a": (6, 20), "b": (7, 20), "c": (30, 30)}, [], "c"),
        # What is not published protects too, if there is enough of it, and of two rows at least.
        ({"a": (3, 20), "b": (30, 30)}, [(50, 50)], "b"),
        ({"b": (30, 30), "c": (20, 20)}, [(50, 50)], "b"),
        ({"b": (30, 30), "c": (20, 20)}, [(50, 50), (1, 1)], "bc"),
        # Where nothing else helps all is hidden.
        ({"a": (3, 3), "b": (4, 4)}, [], ""),
        ({}, [], ""),
    ],
)
def test_what_is_small_is_hidden_and_as_many_more_as_it_takes(rows, others, shown):
    parts = {key: whole(*cell) for key, cell in rows.items()}
    parts |= {f"unpublished {nth}": Part(Cell(*cell), None) for nth, cell in enumerate(others)}

    assert "".join(sorted(shown_among(parts, K))) == shown


@pytest.mark.parametrize(
    ("cells", "is_safe"),
    [([], True), ([(50, 50)], False), ([(5, 50), (5, 50)], True), ([(4, 50), (5, 50)], False), ([(0, 0)], False)],
)
def test_what_is_left_over_is_nothing_or_enough_of_two_at_least(cells, is_safe):
    parts = {nth: whole(*cell) for nth, cell in enumerate(cells)}
    assert left_over(parts, ()).is_safe(K) is is_safe


def month(contracts, weeks, **more):
    more = {"first": None, "outgoing": None, "before": None, **more}
    days = {date(2026, 6, 1) + timedelta(weeks=nth): Cell(*cell) for nth, cell in enumerate(weeks)}
    return shown_of_month(contracts, days, K, **more)


def whole(n, rest):
    return Part(Cell(n, rest), Cell(n, rest))


def test_the_only_contract_that_is_published_is_dearer_than_the_total():
    shown = month({"a": whole(40, 40), "b": Part(Cell(20, 20), None)}, [(15, 15)] * 4)

    assert (shown.total, shown.contracts, shown.weeks) == (False, {"a"}, frozenset())


def test_weeks_say_nothing_where_their_total_is_hidden():
    shown = month({"a": whole(5, 4)}, [(2, 1)] * 4)

    assert (shown.total, shown.contracts, shown.weeks) == (False, frozenset(), frozenset())


def test_a_named_provider_never_stands_alone_beside_the_total():
    """The total less all others would be its raw figure, of which only the validated part may be told."""
    named = Part(Cell(60, 60), Cell(20, 20), is_whole=False)
    alone = month({"a": named, "b": whole(50, 50), "c": whole(30, 30)}, [(30, 30)] * 4)
    assert (alone.total, alone.contracts) == (False, {"a", "b", "c"})
    beside_unpublished = month({"a": named, "b": whole(50, 50), "c": Part(Cell(30, 30), None)}, [(30, 30)] * 4)
    assert (beside_unpublished.total, beside_unpublished.contracts) == (True, {"a", "b"})
    with_another = month({"a": named, "b": named, "c": whole(30, 30)}, [(30, 30)] * 4)
    assert (with_another.total, with_another.contracts) == (True, {"a", "b", "c"})


def test_that_all_was_the_providers_is_not_told_either():
    """Nothing beside what is validated: it could be known only by subtraction, and so must not be."""
    all_of_it = Part(Cell(60, 60), Cell(60, 60), is_whole=False)
    shown = month({"a": all_of_it, "b": all_of_it, "c": whole(40, 40)}, [(30, 30)] * 4)

    assert not shown.total or len(shown.contracts) < 3


WEEKS = [(30, 30)] * 4


@pytest.mark.parametrize(
    ("first", "before", "is_shown"),
    [
        # It begins in this month: nothing is to be kept in mind.
        (None, None, True),
        # Its days before the turn are too few to be told from those after it.
        ((4, 30), None, False),
        ((30, 30), None, True),
        # What else is left of the month before would be told.
        ((30, 30), Before(Left(2, Cell(33, 50)), is_told=True), False),
        ((30, 30), Before(Left(1, Cell(30, 30)), is_told=True), True),
        ((30, 30), Before(Left(3, Cell(50, 50)), is_told=True), True),
        # It was published with a larger smallest cell than this month.
        ((15, 30), Before(Left(1, Cell(15, 30)), is_told=True, smallest=20), False),
        # Where its total is not known, nothing can be subtracted from it.
        ((30, 30), Before(Left(0, Cell()), is_told=False), True),
    ],
)
def test_a_week_on_the_turn_of_a_month_is_shown_only_if_neither_month_suffers(first, before, is_shown):
    shown = month({"a": whole(120, 120)}, WEEKS, first=Cell(*first) if first else None, before=before)

    assert (date(2026, 6, 1) in shown.weeks) is is_shown


def test_the_last_days_of_a_month_are_not_told_by_its_weeks():
    shown = month({"a": whole(123, 160)}, WEEKS, outgoing=Cell(3, 40))

    assert len(shown.weeks) == 3


def world_of(seed):
    """An agency with contracts of all sizes, and how each is published; and below which number cells are hidden."""
    dice = random.Random(seed)
    contracts = {
        f"C{nth}": (dice.choice([0, 1, 1, 3, 8, 30]), dice.choice(["raw", "raw", "named", "unpublished"]))
        for nth in range(dice.randint(1, 7))
    }
    return dice, contracts, dice.choice([5, 10])


def pieces_of(first_day, months):
    """(month, Monday) of every piece of a week within a month."""
    day, found = first_day, []
    while len({each[0] for each in found}) <= months:
        piece = (day.replace(day=1), day - timedelta(days=day.weekday()))
        if piece not in found:
            found.append(piece)
        day += timedelta(days=1)
    return [piece for piece in found if piece[0] in sorted({each[0] for each in found})[:months]]


def publish(dice, contracts, smallest, rule=shown_of_month):
    """Publish some months one after the other: what is shown, and the truth behind it."""
    start = dice.choice([date(2026, 5, 1), date(2026, 6, 1), date(2027, 1, 1), date(2027, 2, 1)])
    pieces = pieces_of(start, 3)
    truth = {
        (reference, *piece): Cell(dice.randint(0, size), dice.randint(0, size))
        for reference, (size, _how) in contracts.items()
        for piece in pieces
    }
    # Of what a named provider's contract got, so much was found to be its own.
    own = {
        reference: {
            month: Cell(dice.randint(0, cell.n), dice.randint(0, cell.rest))
            for month in {month for month, _ in pieces}
            if (cell := sum((truth[reference, *piece] for piece in pieces if piece[0] == month), Cell())) is not None
        }
        for reference in contracts
    }
    shown, before, outgoing_before = {}, None, None
    for month in sorted({month for month, _ in pieces}):
        days = {
            monday: sum((truth[reference, month, monday] for reference in contracts), Cell())
            for at, monday in pieces
            if at == month
        }
        parts = {}
        for reference, (_size, how) in contracts.items():
            cell = sum((truth[reference, month, monday] for monday in days), Cell())
            told = {"raw": cell, "named": own[reference][month], "unpublished": None}[how]
            parts[reference] = Part(cell, told, is_whole=how != "named")
        ended = {monday: cell for monday, cell in days.items() if (monday + timedelta(days=6)).month == month.month}
        last = max(days)
        outgoing = None if last in ended else days[last]
        straddles = min(days) < month
        first = (outgoing_before or Cell()) if straddles else None
        shown[month] = rule(parts, ended, smallest, first=first, outgoing=outgoing, before=before)
        before, outgoing_before = Before(shown[month].left, shown[month].total), outgoing
    return pieces, truth, own, shown


def attack_with(contracts, pieces, truth, own, shown, part):
    """All sums that the public learns of numerators (``n``) or complements (``rest``)."""
    attack = Attack()

    def number(cell):
        return getattr(cell, part)

    for month, seen in shown.items():
        mondays = [monday for at, monday in pieces if at == month]
        rows = [(reference, month) for reference in contracts]
        rest = [("beside", reference, month) for reference, (_size, how) in contracts.items() if how == "named"]
        days = [("days", month, monday) for monday in mondays]
        # Contracts and days are of one total, whether it is known or not.
        attack.know(dict.fromkeys([*rows, *rest], 1) | dict.fromkeys(days, -1), 0)
        whole = {
            reference: sum((truth[reference, month, monday] for monday in mondays), Cell()) for reference in contracts
        }
        if seen.total:
            attack.know(dict.fromkeys(days, 1), number(sum(whole.values(), Cell())))
        for reference in seen.contracts:
            how = contracts[reference][1]
            attack.know({(reference, month): 1}, number(own[reference][month] if how == "named" else whole[reference]))
        for monday in seen.weeks:
            of_week = [at for at, each in pieces if each == monday]
            # The first month's first week has days in a month that is not published.
            unpublished = [] if len(of_week) > 1 or monday >= month else [("days", "before", monday)]
            cells = [truth[reference, at, monday] for at in of_week for reference in contracts]
            if unpublished:
                continue
            attack.know({("days", at, monday): 1 for at in of_week}, number(sum(cells, Cell())))
    return attack


def undone(contracts, pieces, truth, own, shown, smallest):
    """What the attacker learns that is to be hidden: of every small number, and of every row that is hidden."""
    learned = []
    for part in ("n", "rest"):
        attack = attack_with(contracts, pieces, truth, own, shown, part)
        for month, seen in shown.items():
            for reference, (_size, how) in contracts.items():
                if reference not in seen.contracts and attack.width((reference, month)) < smallest:
                    learned.append((part, reference, month))
                if how == "named" and attack.width(("beside", reference, month)) < smallest:
                    learned.append((part, "beside", reference, month))
            for at, monday in pieces:
                if at != month:
                    continue
                cell = getattr(sum((truth[reference, month, monday] for reference in contracts), Cell()), part)
                is_hidden = monday not in seen.weeks and (monday + timedelta(days=6)).month == month.month
                if (cell < smallest or is_hidden) and attack.width(("days", month, monday)) < smallest:
                    learned.append((part, "days", month, monday))
    return learned


@pytest.mark.parametrize("seed", range(24))
def test_nothing_hidden_can_be_worked_out_from_all_that_is_shown(seed):
    dice, contracts, smallest = world_of(seed)
    world = publish(dice, contracts, smallest)

    assert undone(contracts, *world, smallest) == []


def test_the_attack_undoes_what_hides_small_cells_only():
    """Else the test above would prove nothing."""
    dice = random.Random(4)
    contracts = {"C1": (30, "raw"), "C2": (1, "raw"), "C3": (30, "raw")}

    def small_cells_only(parts, weeks, smallest, *, first, outgoing, before):
        shown = shown_of_month(parts, weeks, smallest, first=first, outgoing=outgoing, before=before)
        large = frozenset(key for key, part in parts.items() if not part.cell.is_small(smallest))
        return type(shown)(
            True, large, frozenset(week for week in weeks if not weeks[week].is_small(smallest)), shown.left
        )

    world = publish(dice, contracts, K, small_cells_only)

    assert any(each[1] == "C2" for each in undone(contracts, *world, K))


def test_that_much_is_still_shown():
    """A rule that hides everything would be safe too."""
    dice = random.Random(1)
    contracts = {f"C{nth}": (30, "raw") for nth in range(8)}
    _pieces, _truth, _own, shown = publish(dice, contracts, K)

    assert all(seen.total and len(seen.contracts) == 8 for seen in shown.values())
    assert sum(len(seen.weeks) for seen in shown.values()) >= 8


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("is_frozen", [False, True])
def test_a_publication_takes_only_the_steps_of_the_table(state, step, is_frozen):
    if step not in STEPS[state]:
        with pytest.raises(MoveNotAllowed):
            check_step(state, step, is_frozen=is_frozen)
    elif is_frozen and step in (Step.APPROVE, Step.RESTORE):
        with pytest.raises(InFreeze):
            check_step(state, step, is_frozen=True)
    else:
        check_step(state, step, is_frozen=is_frozen)


def test_contracts_about_the_same_service_are_numbered():
    assert names_of({"B": "Cleaning", "A": "Cleaning", "C": "Care"}) == {"A": 1, "B": 2, "C": None}
