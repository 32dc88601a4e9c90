"""Writing down what was agreed, what was delivered, and figures from inspections and the provider's returns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.directory.models import Contract, Figure, Kpi, Volume
from app.extensions import db
from app.kernel import clock
from app.kernel.errors import DomainError, MoveNotAllowed
from app.kernel.periods import day_of
from app.kernel.words import ActionStep, Holder, Source
from app.reports.actions import keep_files
from app.reports.models import IssuedReport
from app.reports.rules import ReportState
from app.reviews import queries
from app.reviews.models import AgreedAction, AgreedActionNote, PerformanceNotice
from app.reviews.pack import KIND, LANGUAGE, pack_of
from app.reviews.rules import needs_notice, steps_for


class DaysOverlap(DomainError):
    """Figures of a KPI about days that other figures are partly about: they would be counted twice."""

    def __init__(self, starts_on: date, ends_on: date):
        super().__init__(f"there are figures from {starts_on} to {ends_on}")
        self.starts_on, self.ends_on = starts_on, ends_on


@dataclass(frozen=True)
class NewFigure:
    """A share as somebody enters it, with the file that it comes from."""

    starts_on: date
    ends_on: date
    numerator: int
    denominator: int
    source: Source
    file_name: str | None
    file: bytes | None


def agree_on(contract: Contract, what: str, *, side: Holder, who: str, due_on: date, member_id: int) -> AgreedAction:
    """Write down what agency and provider agreed: what, who, until when."""
    agreed = AgreedAction(
        agency_id=contract.agency_id,
        contract_id=contract.id,
        what=what,
        side=side,
        who=who,
        due_on=due_on,
        agreed_at=clock.now(),
        agreed_by_id=member_id,
    )
    db.session.add(agreed)
    db.session.flush()
    return agreed


def say(
    agreed: AgreedAction, step: ActionStep, said: str | None, timezone: str, *, side: Holder, member_id: int, name: str
) -> AgreedActionNote:
    """One side says something about an agreed action; what the agency accepts is done, today.

    ``MoveNotAllowed`` where ``side`` may not say that now: of two who answer at once, the second is told.
    """
    db.session.execute(select(AgreedAction.id).where(AgreedAction.id == agreed.id).with_for_update())
    db.session.refresh(agreed)
    may = steps_for(side, agreed.side, is_done=agreed.done_on is not None, is_said_done=agreed.said_done is not None)
    if step not in may:
        raise MoveNotAllowed(f"{step} cannot be said of this action now")
    at = clock.now()
    note = AgreedActionNote(
        agency_id=agreed.agency_id,
        agreed_action_id=agreed.id,
        at=at,
        step=step,
        said=said or None,
        side=side,
        by_name=name,
        by_id=member_id,
    )
    db.session.add(note)
    if step == ActionStep.ACCEPTED:
        agreed.done_on, agreed.done_by_id = day_of(at, timezone), member_id
    db.session.flush()
    db.session.expire(agreed, ["notes"])
    return note


def deliver(contract: Contract, month: date, units: int) -> int | None:
    """So much was delivered in the month; said again, it is corrected. What stood there before, None if nothing did."""
    # Of two who write at once, the second corrects the first.
    db.session.execute(select(Contract.id).where(Contract.id == contract.id).with_for_update())
    volume = db.session.scalar(select(Volume).where(Volume.contract_id == contract.id, Volume.month == month))
    if volume is None:
        volume = Volume(agency_id=contract.agency_id, contract_id=contract.id, month=month, units=units)
        db.session.add(volume)
        before = None
    else:
        before, volume.units = volume.units, units
    db.session.flush()
    return before


def enter(contract: Contract, kpi: Kpi, new: NewFigure, *, member_id: int, name: str) -> Figure:
    """Add a figure; about the same days as another it corrects that one, which stays to be seen.

    ``DaysOverlap`` where it is about some of the days of another only.
    """
    # Of two who enter at once, the second sees the first.
    db.session.execute(select(Kpi.id).where(Kpi.id == kpi.id).with_for_update())
    for starts_on, ends_on in _days_known(kpi):
        is_same = (starts_on, ends_on) == (new.starts_on, new.ends_on)
        if not is_same and starts_on <= new.ends_on and new.starts_on <= ends_on:
            raise DaysOverlap(starts_on, ends_on)
    figure = Figure(
        agency_id=contract.agency_id,
        contract_id=contract.id,
        kpi_id=kpi.id,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        numerator=new.numerator,
        denominator=new.denominator,
        source=new.source,
        entered_by_id=member_id,
        entered_by=name,
        entered_at=clock.now(),
        file_name=new.file_name,
        file=new.file,
    )
    db.session.add(figure)
    db.session.flush()
    return figure


def _days_known(kpi: Kpi) -> Iterable[tuple[date, date]]:
    rows = db.session.execute(select(Figure.starts_on, Figure.ends_on).where(Figure.kpi_id == kpi.id).distinct())
    return [(starts_on, ends_on) for starts_on, ends_on in rows]


def sign_notice(
    report: IssuedReport, ratings: list[dict[str, str]], name: str, *, member_id: int | None
) -> PerformanceNotice:
    """An officer rates the KPIs of an issued report and signs, once; before it is issued ``MoveNotAllowed``."""
    if report.state != ReportState.ISSUED or queries.notice_of(report) is not None:
        raise MoveNotAllowed("only an issued report without a notice can be rated")
    made = PerformanceNotice(
        report=report,
        ratings=ratings,
        signed_by=name,
        signed_by_id=member_id,
        signed_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def prepare_pack(report: IssuedReport) -> None:
    """Make the evidence pack of an issued report for good; once made it stays as it is.

    ``MoveNotAllowed`` while its files are not made, or a notice is needed that nobody has signed.
    """
    contract = report.contract
    notice = queries.notice_of(report)
    needed = needs_notice(contract.value, contract.currency, is_light_touch=contract.is_light_touch)
    if report.state != ReportState.ISSUED or not report.files or (needed and notice is None):
        raise MoveNotAllowed("the files or the signed notice are missing")
    body = pack_of(report, queries.steps_of(report), queries.actions_of(contract), notice)
    keep_files(report.id, {(KIND, LANGUAGE): body})
