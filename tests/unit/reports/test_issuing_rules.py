"""How a report comes to be issued: never before the provider has spoken, or has had its time to."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.errors import MoveNotAllowed
from app.reports.rules import ReportState, Step, check_step

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
S = ReportState


@pytest.mark.parametrize(
    ("state", "step", "has_statement", "due_at", "is_allowed"),
    [
        (S.DRAFT, Step.SEND, False, None, True),
        (S.DRAFT, Step.DISCARD, False, None, True),
        (S.DRAFT, Step.ISSUE, True, EARLIER, False),
        (S.DRAFT, Step.STATE, False, None, False),
        (S.WITH_PROVIDER, Step.SEND, False, LATER, False),
        (S.WITH_PROVIDER, Step.STATE, False, LATER, True),
        (S.WITH_PROVIDER, Step.STATE, True, EARLIER, True),
        (S.WITH_PROVIDER, Step.ISSUE, False, LATER, False),
        (S.WITH_PROVIDER, Step.ISSUE, False, NOW, True),
        (S.WITH_PROVIDER, Step.ISSUE, True, LATER, True),
        (S.WITH_PROVIDER, Step.DISCARD, True, LATER, True),
        *((state, step, True, EARLIER, False) for state in (S.ISSUED, S.DISCARDED) for step in Step),
    ],
)
def test_steps(state, step, has_statement, due_at, is_allowed):
    def take():
        check_step(state, step, has_statement=has_statement, due_at=due_at, now=NOW)

    if is_allowed:
        take()
    else:
        with pytest.raises(MoveNotAllowed):
            take()
