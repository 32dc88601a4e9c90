"""Which single cases are told by themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.words import CaseStatus
from app.measures.grave import Grave, Told

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(microseconds=1)
PLAIN = Told(1, "AAAA-BBBB-CCCC", NOW, 1, CaseStatus.OPEN, False, False, None, False, True)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, ()),
        ({"is_urgent": True}, (Grave.URGENT,)),
        ({"is_reopened_again": True}, (Grave.REOPENED_AGAIN,)),
        ({"far_from": NOW}, (Grave.FAR_BEYOND_LIMIT,)),
        ({"far_from": LATER}, ()),
        ({"is_urgent": True, "far_from": NOW}, (Grave.URGENT, Grave.FAR_BEYOND_LIMIT)),
        ({"is_disputed": True}, ()),
    ],
)
def test_what_is_grave(facts, why):
    assert PLAIN._replace(**facts).why(NOW) == why
