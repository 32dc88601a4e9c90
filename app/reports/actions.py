"""What changes the tables of reports: charts and their pictures; drafting, stating, issuing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, select

from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, StaleVersion
from app.kernel.periods import Period
from app.kernel.working_time import WorkingCalendar, add_hours
from app.outbox.actions import promise
from app.reports import queries
from app.reports.frozen import freeze, hash_of
from app.reports.models import ChartPicture, IssuedFile, IssuedOverview, IssuedOverviewFile, IssuedReport
from app.reports.overview import Overview
from app.reports.queries import Readers
from app.reports.report import Report
from app.reports.rules import ReportState, Step, check_step

PICTURES_KEPT = timedelta(days=60)
"""Older pictures are thrown away; whoever asks again has them drawn again."""


@dataclass(frozen=True)
class Asked:
    """Which charts are to be drawn (``of`` a report, its peers or an overview), and in which language."""

    period: Period
    as_of: datetime
    language: str
    of: str


def promise_charts(readers: Readers, asked: Asked) -> bool:
    """Promise that charts are drawn for these readers; False where it was promised before."""
    mark = hashlib.sha256(repr((readers, asked)).encode()).hexdigest()[:32]
    made = promise(
        "report.draw",
        agency_id=readers.agency_id,
        # Once a day: after their pictures were thrown away, the same charts can be asked for again.
        key=f"charts:{readers.contract_id or 0}:{mark}:{clock.now().date()}",
        contract_id=readers.contract_id,
        provider_id=readers.provider_id,
        for_agency_id=readers.agency_id,
        start=asked.period.start.isoformat(),
        end=asked.period.end.isoformat(),
        as_of=asked.as_of.isoformat(),
        language=asked.language,
        of=asked.of,
    )
    return made is not None


def keep_pictures(readers: Readers, drawn: Mapping[tuple[str, str], str]) -> None:
    """Keep charts as they were drawn: (mark, size) → SVG. What another worker has kept meanwhile stays."""
    now = clock.now()
    db.session.execute(delete(ChartPicture).where(ChartPicture.drawn_at < now - PICTURES_KEPT))
    known = queries.drawn_sizes(readers, {mark for mark, _size in drawn})
    for (mark, size), svg in drawn.items():
        if (mark, size) not in known:
            db.session.add(ChartPicture(**readers._asdict(), mark=mark, size=size, svg=svg, drawn_at=now))
    db.session.flush()


def draft(
    contract: Contract,
    report: Report,
    *,
    member_id: int | None,
    corrects: IssuedReport | None = None,
    what_changed: str | None = None,
) -> IssuedReport:
    """Freeze a report, to be sent to the provider and then issued. A correction says what it corrects and why."""
    if corrects is not None and (corrects.state != ReportState.ISSUED or corrects.contract_id != contract.id):
        raise MoveNotAllowed("only an issued report of the same contract can be corrected")
    # It goes to the provider and further: what a safeguarding concern hides counts in it, and is not told by itself.
    hidden = queries.hidden([case.reference for case in report.cases])
    report = replace(report, cases=tuple(case for case in report.cases if case.reference not in hidden))
    made = IssuedReport(
        agency_id=contract.agency_id,
        contract_id=contract.id,
        state=ReportState.DRAFT,
        starts_on=report.period.start,
        ends_on=report.period.end,
        as_of=report.as_of,
        content=freeze(report),
        drafted_at=clock.now(),
        drafted_by_id=member_id,
        corrects_id=corrects.id if corrects else None,
        what_changed=what_changed if corrects else None,
    )
    db.session.add(made)
    db.session.flush()
    return made


def send(report: IssuedReport, *, version: int) -> None:
    """Give the draft to the provider, who has the contract's working days for its statement, and is told so.

    Its time begins also where nobody of it signs in, whom we could tell: the agency hands it the draft itself then.
    """
    _check(report, Step.SEND, version)
    agency = report.contract.agency
    calendar = WorkingCalendar.from_dict(agency.calendar, agency.timezone)
    now = clock.now()
    report.state, report.sent_at = ReportState.WITH_PROVIDER, now
    report.statement_due_at = add_hours(calendar, now, report.contract.statement_days * calendar.hours_a_day)
    db.session.flush()
    for member_id in queries.staff_of(report.contract.provider_id):
        promise("report.ask", agency_id=report.agency_id, issued_report_id=report.id, member_id=member_id)


def state(report: IssuedReport, statement: str, *, member_id: int | None, version: int) -> None:
    """Keep what the provider says to the draft, in place of what it said before; until the report is issued."""
    _check(report, Step.STATE, version)
    report.statement, report.statement_at, report.statement_by_id = statement, clock.now(), member_id
    db.session.flush()


def issue(report: IssuedReport, statement: str | None = None, *, member_id: int | None, version: int) -> None:
    """Number and seal the report as it was drafted, with the provider's statement; its files are promised.

    ``statement``: what the agency says itself.
    """
    _check(report, Step.ISSUE, version)
    report.agency_statement = statement
    number, now = _next_number(report.agency_id), clock.now()
    content = report.content | {
        "issue": {
            "number": number,
            "issued_at": now.isoformat(),
            "sent_to_provider_at": report.sent_at.isoformat() if report.sent_at else None,
            "statement": report.statement,
            "statement_at": report.statement_at.isoformat() if report.statement_at else None,
            "agency_statement": statement,
            "corrects": report.corrects.number if report.corrects else None,
            "what_changed": report.what_changed,
        }
    }
    report.content, report.content_hash = content, hash_of(content)
    report.number, report.state = number, ReportState.ISSUED
    report.issued_at, report.issued_by_id = now, member_id
    db.session.flush()
    promise("report.print", agency_id=report.agency_id, issued_report_id=report.id)


def issue_overview(
    asked: queries.ContractsOf,
    overview: Overview,
    content: dict[str, Any],
    *,
    member_id: int | None,
    corrects: IssuedOverview | None = None,
    what_changed: str | None = None,
) -> IssuedOverview:
    """Number and seal the report of several contracts, as it was put together from issued ones; its files are promised.

    It needs no statement of its own: each of those stood before its provider, whose statement stands in it.
    """
    number, now = _next_number(asked.agency.id), clock.now()
    content = content | {
        "issue": {
            "number": number,
            "issued_at": now.isoformat(),
            "corrects": corrects.number if corrects else None,
            "what_changed": what_changed if corrects else None,
        }
    }
    made = IssuedOverview(
        agency_id=asked.agency.id,
        provider_id=asked.readers.provider_id,
        number=number,
        starts_on=overview.period.start,
        ends_on=overview.period.end,
        content=content,
        content_hash=hash_of(content),
        issued_at=now,
        issued_by_id=member_id,
        corrects_id=corrects.id if corrects else None,
        what_changed=what_changed if corrects else None,
    )
    db.session.add(made)
    db.session.flush()
    promise("report.print_overview", agency_id=asked.agency.id, issued_overview_id=made.id)
    return made


def keep_overview_files(overview_id: int, files: Mapping[tuple[str, str], bytes]) -> None:
    """Keep the files of an issued report of several contracts; see ``keep_files``."""
    overview = db.session.get_one(IssuedOverview, overview_id)
    _keep_missing(overview.files, files, partial(IssuedOverviewFile, issued_overview_id=overview_id))


def _next_number(agency_id: int) -> int:
    """Numbers of an agency come one after the other, whatever the reports are about."""
    # Its key stays readable: who ends a chain of the audit needs it.
    db.session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update(key_share=True))
    return queries.last_number(agency_id) + 1


def discard(report: IssuedReport, *, version: int) -> None:
    """Let a draft go; it stays to be seen, and is never issued."""
    _check(report, Step.DISCARD, version)
    report.state = ReportState.DISCARDED
    db.session.flush()


def keep_files(report_id: int, files: Mapping[tuple[str, str], bytes]) -> None:
    """Keep the files of an issued report: (kind, language) → what is in them. Those there are stay as they are."""
    report = db.session.get_one(IssuedReport, report_id)
    _keep_missing(report.files, files, partial(IssuedFile, issued_report_id=report_id))


def _keep_missing(
    there: Sequence[IssuedFile] | Sequence[IssuedOverviewFile],
    files: Mapping[tuple[str, str], bytes],
    file_of: Callable[..., IssuedFile | IssuedOverviewFile],
) -> None:
    known = {(file.kind, file.language) for file in there}
    for (kind, language), body in files.items():
        if (kind, language) not in known:
            hashed = hashlib.sha256(body).hexdigest()
            db.session.add(file_of(kind=kind, language=language, sha256=hashed, body=body, made_at=clock.now()))
    db.session.flush()


def _check(report: IssuedReport, step: Step, version: int) -> None:
    if report.version != version:
        raise StaleVersion("somebody else did something to this report")
    check_step(
        report.state,
        step,
        has_statement=report.statement is not None,
        due_at=report.statement_due_at,
        now=clock.now(),
    )
