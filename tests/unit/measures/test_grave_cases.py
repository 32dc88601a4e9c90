"""Which single cases are told by themselves."""

import pytest

from app.measures.grave_cases import Grave, Told

NOW = 1_762_074_000_000_000
LATER = NOW + 1
PLAIN = Told(1, "AAAA-BBBB-CCCC", NOW, 1, "open", False, False, None, False, True)


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
