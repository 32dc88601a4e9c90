"""The public figures of a month, counted once, and what of them is shown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import and_

from app.directory.models import Agency, Contract
from app.intake.models import Feedback
from app.kernel.periods import Period, day_of
from app.kernel.shares import Share, share_of
from app.kernel.words import Attribution
from app.measures.cohort import figures_of
from app.measures.facts import Reckoned, reckon
from app.measures.membership import tally_of
from app.measures.queries import contracts_before, facts_with, of_contracts
from app.reports.public_definitions import ON_TIME_RESPONSE_RATE, SERVICE_SATISFACTION
from app.transparency import queries
from app.transparency.models import Publication
from app.transparency.rules import Choice, names_of
from app.transparency.suppression import Before, Cell, Left, Part, Shown, shown_of_month
from app.web.languages import OF_RESIDENTS, locale_of
from app.web.texts import gettext

DEFINITIONS = (ON_TIME_RESPONSE_RATE, SERVICE_SATISFACTION)
COMPLAINTS = ON_TIME_RESPONSE_RATE.key
MEASURES = tuple(each.key for each in DEFINITIONS)
"""What is published. No two of them are counted among the same, or the difference would be one more cell to hide."""

RAW, VALIDATED = "raw", "validated"


def gather(
    agency: Agency,
    month: Period,
    contracts: Sequence[Contract],
    choices: Mapping[int, Choice],
    *,
    before: Publication | None,
    smallest: int,
    as_of: datetime,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the public gets about a month, and what must be known to hide enough in the next one.

    ``contracts`` are all that ran in it; ``before`` is the publication of the month before, where the public has seen
    one.
    """
    mondays = _mondays(month)
    first_monday = mondays[0]
    straddles = first_monday < month.start
    by_contract: dict[int, list[Reckoned]] = defaultdict(list)
    by_week: dict[date, list[Reckoned]] = defaultdict(list)
    for contract_id, each in _reckoned(contracts, month.since, month.until, as_of):
        day = day_of(each.facts.submitted_at, month.timezone)
        by_contract[contract_id].append(each)
        by_week[day - timedelta(days=day.weekday())].append(each)
    early: list[Reckoned] = []
    if straddles and before is None:
        days_before = Period(first_monday, month.start - timedelta(days=1), month.timezone)
        ran = queries.contracts_running(agency.id, days_before)
        early = [each for _, each in _reckoned(ran, days_before.since, days_before.until, as_of)]

    running = {contract.reference: contract for contract in contracts}
    chosen = {reference: choices.get(contract.id, Choice()) for reference, contract in running.items()}
    ended = [monday for monday in mondays if monday + timedelta(days=6) <= month.end]
    has_outgoing = mondays[-1] not in ended
    shown: dict[str, Shown] = {}
    told: dict[str, dict[str, Cell]] = {}
    weeks: dict[str, dict[date, Cell]] = {}
    kept: dict[str, Any] = {}
    total: dict[str, Cell] = {}
    for key in MEASURES:
        parts = {
            reference: _part(key, by_contract[contract.id], chosen[reference])
            for reference, contract in running.items()
        }
        days = {monday: _cell(key, by_week[monday]) for monday in ended}
        outgoing = _cell(key, by_week[mondays[-1]]) if has_outgoing else None
        known = before.kept[key] if before else None
        first = None
        if straddles:
            # What was counted when the month before was published, even if it would be counted differently today.
            first = Cell(*known["outgoing"]) if known else _cell(key, early)
        shown[key] = shown_of_month(
            parts,
            days,
            smallest,
            first=first,
            outgoing=outgoing,
            before=_before(known, before.smallest_cell) if known and before else None,
        )
        told[key] = {reference: part.told for reference, part in parts.items() if part.told is not None}
        weeks[key] = {
            monday: cell + (first if first and monday == first_monday else Cell()) for monday, cell in days.items()
        }
        total[key] = sum((part.cell for part in parts.values()), Cell())
        left = shown[key].left
        kept[key] = {
            "outgoing": [outgoing.n, outgoing.rest] if outgoing else None,
            "left": [left.rows, left.together.n, left.together.rest],
            "is_told": shown[key].total,
        }

    published = {reference: contract for reference, contract in running.items() if chosen[reference].is_published}
    numbers = names_of({reference: contract.service for reference, contract in published.items()})
    content = {
        "agency": agency.slug,
        "name": agency.name,
        "month": f"{month.start:%Y-%m}",
        "start": month.start.isoformat(),
        "end": month.end.isoformat(),
        "timezone": month.timezone,
        "as_of": as_of.astimezone(ZoneInfo(month.timezone)).isoformat(timespec="seconds"),
        "smallest_cell": smallest,
        "contracts_running": len(running),
        "contracts_published": len(published),
        "contracts": [
            {
                "service": contract.service,
                "number": numbers[reference],
                "provider": contract.provider.name if chosen[reference].is_named else None,
                "basis": VALIDATED if chosen[reference].is_named else RAW,
                "measures": {
                    key: _said(told[key][reference], reference in shown[key].contracts)
                    for key in MEASURES
                    if reference in told[key]
                },
            }
            for reference, contract in published.items()
        ],
        "all_contracts": {key: _said(total[key], shown[key].total) for key in MEASURES},
        "weeks": [
            {
                "start": monday.isoformat(),
                "end": (monday + timedelta(days=6)).isoformat(),
                "measures": {key: _said(weeks[key][monday], monday in shown[key].weeks) for key in MEASURES},
            }
            for monday in ended
        ],
        "definitions": {code: _defined(locale_of(code)) for code in OF_RESIDENTS},
    }
    return content, kept


def undecided(contracts: Sequence[Contract], month: Period, as_of: datetime) -> tuple[int, int]:
    """Of how many open cases of the month the limit to answer is still to come, and how many cases there are."""
    counted = tally_of(each for _, each in _reckoned(contracts, month.since, month.until, as_of))
    return counted.n("not_yet_due"), counted.n("cases")


def _reckoned(
    contracts: Sequence[Contract], since: datetime, until: datetime, as_of: datetime
) -> list[tuple[int, Reckoned]]:
    within = and_(
        of_contracts([contract.id for contract in contracts], as_of),
        Feedback.submitted_at >= since,
        Feedback.submitted_at < until,
        Feedback.submitted_at <= as_of,
    )
    found = facts_with(within, as_of, Feedback.contract_id)
    reckoned = reckon([facts for _, facts in found], as_of)
    before = contracts_before(within, as_of)
    return [
        (before[row.id].from_contract_id if row.id in before else row.contract_id, each)
        for (row, _), each in zip(found, reckoned, strict=True)
    ]


def _part(key: str, of_contract: Sequence[Reckoned], chosen: Choice) -> Part:
    """Where a provider is named, only what was found to be its own is told; what nobody judges is not told at all."""
    cell = _cell(key, of_contract)
    if not chosen.is_published or (chosen.is_named and key != COMPLAINTS):
        return Part(cell, None)
    if not chosen.is_named:
        return Part(cell, cell)
    own = [
        each
        for each in of_contract
        if each.clocks is not None
        and each.clocks.state.duplicate_at is None
        and each.clocks.state.attribution == Attribution.PROVIDER
    ]
    return Part(cell, _cell(key, own), is_whole=False)


def _cell(key: str, of: Sequence[Reckoned]) -> Cell:
    share: Share = getattr(figures_of(of), key)
    return Cell(share.numerator, share.denominator - share.numerator)


def _said(cell: Cell, is_shown: bool) -> dict[str, Any]:
    return share_of(cell.n, cell.of).to_json() if is_shown else {"hidden": True}


def _before(known: Mapping[str, Any], smallest: int) -> Before:
    rows, n, rest = known["left"]
    return Before(Left(rows, Cell(n, rest)), known["is_told"], smallest)


def _mondays(month: Period) -> list[date]:
    """The Mondays of the weeks with a day in the month."""
    monday = month.start - timedelta(days=month.start.weekday())
    found = []
    while monday <= month.end:
        found.append(monday)
        monday += timedelta(days=7)
    return found


def _defined(locale: str) -> dict[str, list[str]]:
    with force_locale(locale):
        return {each.key: [str(each.name), str(each.formula)] for each in DEFINITIONS}


def definitions_of(content: Mapping[str, Any], language: str) -> Mapping[str, Sequence[str]]:
    """Name and formula of each measure, as they were frozen.

    What was frozen before we spoke a language has none in it: the English ones are said in it as far as they still are
    ours, word for word.
    """
    frozen = content["definitions"]
    return frozen.get(language) or {key: [gettext(text) for text in said] for key, said in frozen["en"].items()}
