"""One letter an hour, none in quiet hours, one in the morning about all of the night."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.cases.quiet_hours import NEVER, Quiet, begin_of, goes_out_at, slot_of

SHANGHAI = Quiet("Asia/Shanghai", 20, 7)  # noon to 23:00 in UTC
LONDON = Quiet("Europe/London", 22, 6)
KOLKATA = Quiet("Asia/Kolkata", 20, 7)  # half an hour off
LUNCH = Quiet("UTC", 12, 14)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "happens", "goes_out"),
    [
        (NEVER, "2026-11-02T03:20", "2026-11-02T04:01"),
        (SHANGHAI, "2026-11-02T01:20", "2026-11-02T02:01"),
        (SHANGHAI, "2026-11-02T10:59", "2026-11-02T11:01"),
        (SHANGHAI, "2026-11-02T11:00", "2026-11-02T23:01"),
        (SHANGHAI, "2026-11-02T18:00", "2026-11-02T23:01"),
        (SHANGHAI, "2026-11-02T22:59", "2026-11-02T23:01"),
        (SHANGHAI, "2026-11-02T23:00", "2026-11-03T00:01"),
        # In the night in which the clock goes back six o'clock comes an hour later.
        (LONDON, "2026-10-24T22:00", "2026-10-25T06:01"),
        (LONDON, "2026-10-23T22:00", "2026-10-24T05:01"),
        (LONDON, "2026-03-28T23:00", "2026-03-29T05:01"),
        (KOLKATA, "2026-11-02T16:00", "2026-11-03T02:01"),
        (LUNCH, "2026-11-02T10:59", "2026-11-02T11:01"),
        (LUNCH, "2026-11-02T11:10", "2026-11-02T14:01"),
    ],
)
def test_when_it_is_told(quiet, happens, goes_out):
    assert goes_out_at(slot_of(at(happens), quiet)) == at(goes_out)


@pytest.mark.parametrize("quiet", [NEVER, SHANGHAI, LONDON, KOLKATA, LUNCH, Quiet("Europe/London", 0, 23)])
def test_every_hour_is_told_in_one_letter_and_no_two_letters_overlap(quiet):
    told = {}
    hour = at("2026-10-20T00:00")
    while hour < at("2026-11-01T00:00"):
        told.setdefault(slot_of(hour, quiet), []).append(hour)
        hour += timedelta(hours=1)

    slots = sorted(told)
    for slot in slots[1:-1]:
        assert begin_of(slot, quiet) == told[slot][0]
        assert told[slot][-1] == slot
        assert not quiet.holds(slot + timedelta(hours=1))
    assert all(later - slot >= timedelta(hours=1) for slot, later in pairwise(slots))
