"""Periods that a report is often asked for, by name."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.directory.models import Contract
from app.kernel.periods import (
    Period,
    contract_year,
    day_of,
    month_of,
    previous_week,
    quarter_before,
    quarter_of,
)
from app.web.texts import gettext as _


def spans(contracts: Sequence[Contract], zone: str, now: datetime) -> list[tuple[str, Period]]:
    """What each is called in the language of the reader, and its days; the shortest first.

    A year of the contract there is where all of ``contracts`` run over the same days.
    """
    quarter, today = quarter_of(now, zone), day_of(now, zone)
    found = [
        (_("Last week"), previous_week(now, zone)),
        (_("Last month"), month_of(month_of(now, zone).since - timedelta(seconds=1), zone)),
        (_("This quarter"), quarter),
        (_("Last quarter"), quarter_before(quarter)),
    ]
    if len({(each.starts_on, each.ends_on) for each in contracts}) == 1 and today >= contracts[0].starts_on:
        contract = contracts[0]
        year = contract_year(contract.starts_on, min(today, contract.ends_on), zone)
        found.append((_("This year of the contract") if year.end >= today else _("Its last year"), year))
        if year.start > contract.starts_on:
            before = contract_year(contract.starts_on, year.start - timedelta(days=1), zone)
            found.append((_("The year of the contract before"), before))
    return found
