"""What a review looks at, and when a site counts as silent. Plain Python."""

from datetime import date, timedelta
from decimal import Decimal

from app.kernel.words import ActionStep, Holder

QUARTERS = 4
"""A trend is read over so many quarters, this one included."""

MONTHS = 12
"""So many months of volume are shown."""

SILENT_AFTER = timedelta(days=30)
"""Nothing heard from a site for so long, and it is listed: it may be well kept, or its sticker may be gone."""

BREACHES = 25
"""So many open breaches are listed, the oldest first; the rest is in the inbox."""

LONGEST_WHAT, LONGEST_WHO = 1_000, 120
MOST_BYTES = 5_000_000
"""Of a file behind an entered figure."""


def is_silent(last: date | None, served_from: date, today: date) -> bool:
    """Whether nothing was heard from a site for long, or ever since it is served."""
    return max(last or date.min, served_from) < today - SILENT_AFTER


KPIS_FROM = Decimal(5_000_000)
"""Pounds: worth more, a contract must have KPIs (UK Procurement Act 2023, section 52), rated in a notice (71)."""

RATINGS = ("Good", "Approaching target", "Requires improvement", "Inadequate", "Other")
"""As the law names them, the best first."""


def needs_notice(value: Decimal | None, currency: str | None, *, is_light_touch: bool) -> bool:
    """Whether section 52 applies to a contract: worth more than five million pounds, and no light-touch contract."""
    return value is not None and currency == "GBP" and value > KPIS_FROM and not is_light_touch


MUST_SAY = frozenset({ActionStep.NOTED, ActionStep.MISSING})
"""Steps that say nothing without words."""


def steps_for(by: Holder, side: Holder, *, is_done: bool, is_said_done: bool) -> tuple[ActionStep, ...]:
    """What ``by`` may say now about an action that is ``side``'s to do.

    Both leave notes, also later. That it is done the provider says of its own, as a claim; the agency accepts, or says
    what is missing, and of any action it may say by itself that it is done.
    """
    may = {
        ActionStep.NOTED: True,
        ActionStep.SAID_DONE: by == side == Holder.PROVIDER and not is_done and not is_said_done,
        ActionStep.MISSING: by == Holder.AGENCY and is_said_done and not is_done,
        ActionStep.ACCEPTED: by == Holder.AGENCY and not is_done,
    }
    return tuple(step for step, allowed in may.items() if allowed)
