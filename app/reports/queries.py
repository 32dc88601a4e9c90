"""What a report reads beside the facts that are measured. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import ColumnElement, Row, Select, and_, false, func, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.accounts.models import Member, Membership
from app.analysis.concerns import is_hidden, was_hidden
from app.analysis.models import Concern, Tag
from app.audit.models import AuditEntry
from app.cases.models import Case
from app.cases.queries import may_see
from app.directory.models import Agency, Contract, Provider, Site
from app.directory.queries import for_viewer
from app.directory.rules import Lived
from app.directory.setting_up import looking_back
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.periods import Period
from app.kernel.words import Channel, Words
from app.reports.models import ChartPicture, IssuedFile, IssuedOverview, IssuedOverviewFile, IssuedReport
from app.reports.rules import ReportState
from app.reports.topics import Text
from app.web.access import Viewer

IDS_AT_ONCE = 5_000


class Placed(NamedTuple):
    """Where a feedback belongs, and what is known of it that no clock counts."""

    reference: str
    channel: Channel
    site_id: int
    clause_id: int | None
    is_urgent: bool
    is_given: bool
    # By a safeguarding concern, at the moment of the report: counted, and not told by itself.
    is_hidden: bool


def placed_columns(as_of: datetime) -> tuple[Any, ...]:
    """The columns that ``placed`` is read from, beside the facts that are counted, of a report as of a moment.

    What a safeguarding concern hides now is not given to the provider, whatever the moment asked about.
    """
    return (
        Feedback.reference,
        Feedback.channel,
        Feedback.site_id,
        Case.clause_id,
        Tag.is_urgent,
        and_(Case.provider_since.is_not(None), ~is_hidden()).label("is_given"),
        was_hidden(as_of).label("was_hidden"),
    )


def placed(row: Row[Any], moved: Any | None = None) -> Placed:
    """Where it belongs; ``moved``: how it was moved to another contract after the moment of the report.

    What was moved away is not given to the provider of the contract any more.
    """
    return Placed(
        row.reference,
        row.channel,
        row.site_id,
        row.clause_id if moved is None else moved.clause_id,
        bool(row.is_urgent),
        bool(row.is_given) and moved is None,
        bool(row.was_hidden),
    )


def sites(ids: Collection[int]) -> dict[int, tuple[str, Words]]:
    """Site → code and name."""
    rows = db.session.execute(select(Site.id, Site.code, Site.name).where(Site.id.in_(ids)))
    return {id_: (code, name) for id_, code, name in rows}


def positions(agency_id: int, codes: Collection[str]) -> dict[str, tuple[float, float]]:
    """Code → degrees north and east, of those sites of an agency whose position is known."""
    rows = db.session.execute(
        select(Site.code, Site.latitude, Site.longitude).where(
            Site.agency_id == agency_id, Site.code.in_(codes), Site.latitude.is_not(None)
        )
    )
    return {code: (north, east) for code, north, east in rows if north is not None and east is not None}


class Hiding(NamedTuple):
    """What safeguarding concerns hide: as of the moment of a report, and now, whatever the moment asked about."""

    then: frozenset[int]
    now: frozenset[int]


def hiding(feedback_ids: Sequence[int], as_of: datetime) -> Hiding:
    """Which of these feedback are hidden."""
    if not feedback_ids:
        return Hiding(frozenset(), frozenset())
    # Concerns are few and what is asked about are thousands: the few are fetched, not the thousands sent.
    between = Concern.feedback_id.between(min(feedback_ids), max(feedback_ids))
    concerned = sorted(set(db.session.scalars(select(Concern.feedback_id).where(between))) & set(feedback_ids))
    then, now = set[int](), set[int]()
    for begin in range(0, len(concerned), IDS_AT_ONCE):
        some = Feedback.id.in_(concerned[begin : begin + IDS_AT_ONCE])
        for feedback_id, was, is_now in db.session.execute(
            select(Feedback.id, was_hidden(as_of), is_hidden()).where(some)
        ):
            then |= {feedback_id} if was else set()
            now |= {feedback_id} if is_now else set()
    return Hiding(frozenset(then), frozenset(now))


def texts(viewer: Viewer | None, references: Sequence[str]) -> dict[str, str]:
    """Reference → text without persons, of what the viewer may read; None is a command, which no viewer narrows.

    Files are passed on: what a safeguarding concern hides is not in them.
    """
    wanted = (
        select(Feedback.reference, Tag.redacted)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .join(Tag, Tag.feedback_id == Feedback.id)
        .where(~is_hidden())
    )
    if viewer is not None:
        wanted = wanted.where(may_see(viewer))
    found: dict[str, str] = {}
    for begin in range(0, len(references), 500):
        some = wanted.where(Feedback.reference.in_(references[begin : begin + 500]))
        found |= {reference: text for reference, text in db.session.execute(some)}
    return found


def hidden(references: Sequence[str]) -> frozenset[str]:
    """Those of ``references`` that a safeguarding concern hides."""
    return frozenset(
        db.session.scalars(select(Feedback.reference).where(Feedback.reference.in_(references), is_hidden()))
    )


def visible(viewer: Viewer, references: Sequence[str]) -> frozenset[str]:
    """Those of ``references`` whose page the viewer may open."""
    wanted = select(Feedback.reference).outerjoin(Case, Case.feedback_id == Feedback.id).where(may_see(viewer))
    return frozenset(db.session.scalars(wanted.where(Feedback.reference.in_(references))))


def peers(contract: Contract) -> Sequence[Contract]:
    """The contracts of the same agency about the same service, this one among them, by reference."""
    wanted = select(Contract).where(Contract.agency_id == contract.agency_id).order_by(Contract.reference)
    return [each for each in db.session.scalars(wanted) if each.service == contract.service]


class Readers(NamedTuple):
    """For whom a picture is drawn: the readers of a contract, of a provider's contracts, or of all of an agency."""

    agency_id: int
    contract_id: int | None = None
    provider_id: int | None = None


def drawn_sizes(readers: Readers, marks: Collection[str]) -> frozenset[tuple[str, str]]:
    """Which pictures (mark, size) there are of charts for these readers."""
    found = select(ChartPicture.mark, ChartPicture.size).where(_for(readers), ChartPicture.mark.in_(marks))
    return frozenset((mark, size) for mark, size in db.session.execute(found))


def picture(readers: Readers, mark: str, size: str) -> str | None:
    """The SVG of a chart; None while it is not drawn."""
    wanted = select(ChartPicture.svg).where(_for(readers), ChartPicture.mark == mark, ChartPicture.size == size)
    return db.session.scalar(wanted)


def pictures(readers: Readers, marks: Collection[str]) -> dict[str, str]:
    """Mark → SVG for a desk, of those charts that are drawn."""
    found = select(ChartPicture.mark, ChartPicture.svg).where(
        _for(readers), ChartPicture.mark.in_(marks), ChartPicture.size == "wide"
    )
    return {mark: svg for mark, svg in db.session.execute(found)}


def _for(readers: Readers) -> ColumnElement[bool]:
    return and_(
        ChartPicture.agency_id == readers.agency_id,
        ChartPicture.contract_id.is_(None)
        if readers.contract_id is None
        else ChartPicture.contract_id == readers.contract_id,
        ChartPicture.provider_id.is_(None)
        if readers.provider_id is None
        else ChartPicture.provider_id == readers.provider_id,
    )


def topic_texts(viewer: Viewer, contract_id: int, since: datetime, until: datetime) -> list[Text]:
    """The texts without persons of a contract that the viewer may read, oldest first; one without words is none."""
    wanted = (
        select(Feedback.reference, Tag.language, Tag.redacted)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .join(Tag, Tag.feedback_id == Feedback.id)
        .where(may_see(viewer), ~is_hidden(), Feedback.contract_id == contract_id, Tag.redacted != "")
        .where(Feedback.submitted_at >= since, Feedback.submitted_at < until)
        .order_by(Feedback.submitted_at, Feedback.id)
    )
    return [Text(reference, language, words) for reference, language, words in db.session.execute(wanted)]


def staff_of(provider_id: int) -> Sequence[int]:
    """The members who work for a provider and can sign in."""
    found = select(Membership.member_id).join(Member, Member.id == Membership.member_id)
    return db.session.scalars(found.where(Membership.provider_id == provider_id, Member.active)).all()


def can_be_asked(contract: Contract) -> bool:
    """Whether anybody of the provider can sign in, so that somebody is asked for its statement."""
    return bool(staff_of(contract.provider_id))


def last_to_act(report_id: int) -> int | None:
    """The member who last did something to a report; None where nobody did, but the worker."""
    did = select(AuditEntry.member_id).where(AuditEntry.what == "issued_report", AuditEntry.subject_id == report_id)
    return db.session.scalar(did.order_by(AuditEntry.id.desc()).limit(1))


def issued_for(viewer: Viewer) -> Select[IssuedReport]:
    """The reports on their way or issued that a viewer may see: a provider those about it, once they are sent to it."""
    found = select(IssuedReport).join(Contract, Contract.id == IssuedReport.contract_id)
    if viewer.agency_id is not None:
        return found.where(IssuedReport.agency_id == viewer.agency_id)
    if viewer.provider_id is not None:
        return found.where(Contract.provider_id == viewer.provider_id, IssuedReport.sent_at.is_not(None))
    return found.where(false())


def issued_of(viewer: Viewer, contract_id: int) -> Sequence[IssuedReport]:
    """Those of one contract, the newest first."""
    found = issued_for(viewer).where(IssuedReport.contract_id == contract_id)
    newest_first = found.order_by(IssuedReport.drafted_at.desc(), IssuedReport.id.desc())
    return db.session.scalars(newest_first.options(defer(IssuedReport.content))).all()


def waiting_for_statement(viewer: Viewer) -> Sequence[IssuedReport]:
    """Drafts that were sent to the viewer's provider, to which it has said nothing yet; the first to end first."""
    if viewer.provider_id is None:
        return []
    found = issued_for(viewer).where(IssuedReport.state == ReportState.WITH_PROVIDER, IssuedReport.statement.is_(None))
    whole = joinedload(IssuedReport.contract).joinedload(Contract.agency)
    return db.session.scalars(
        found.options(defer(IssuedReport.content), whole).order_by(IssuedReport.statement_due_at, IssuedReport.id)
    ).all()


def issued_or_404(viewer: Viewer, contract_id: int, report_id: int) -> IssuedReport:
    wanted = issued_for(viewer).where(IssuedReport.contract_id == contract_id, IssuedReport.id == report_id)
    found = db.session.scalar(wanted)
    return found if found is not None else abort(404)


def correction_of(viewer: Viewer, report: IssuedReport) -> IssuedReport | None:
    """The newest report that the viewer may see and that was issued to correct this one."""
    corrects = issued_for(viewer).where(IssuedReport.corrects_id == report.id, IssuedReport.state == ReportState.ISSUED)
    return db.session.scalars(corrects.order_by(IssuedReport.number.desc()).limit(1)).first()


def issued_file(report_id: int, kind: str, language: str) -> IssuedFile | None:
    """A file of an issued report in a language, else in any; None while it is not made."""
    found = select(IssuedFile).where(IssuedFile.issued_report_id == report_id, IssuedFile.kind == kind)
    return db.session.scalars(found.order_by(IssuedFile.language != language, IssuedFile.id).limit(1)).first()


def file_by_hash(sha256: str) -> IssuedFile | None:
    """The file of any issued report with that SHA-256."""
    return db.session.scalars(select(IssuedFile).where(IssuedFile.sha256 == sha256).limit(1)).first()


def issued_by_number(agency: str, number: int) -> IssuedReport | None:
    """The report that an agency (slug) issued under a number."""
    found = select(IssuedReport).join(Agency, Agency.id == IssuedReport.agency_id)
    return db.session.scalar(found.where(Agency.slug == agency, IssuedReport.number == number))


class Issued(NamedTuple):
    """An issued report as others name it."""

    id: int
    number: int
    sha256: str


def issued_about(contract_ids: Collection[int], period: Period, as_of: datetime) -> dict[int, Issued]:
    """Contract → the latest report that was issued about exactly these days, as far as ``as_of`` knows."""
    found = db.session.execute(
        select(IssuedReport.contract_id, IssuedReport.id, IssuedReport.number, IssuedReport.content_hash)
        .where(
            IssuedReport.contract_id.in_(contract_ids),
            IssuedReport.starts_on == period.start,
            IssuedReport.ends_on == period.end,
            IssuedReport.issued_at <= as_of,
        )
        .order_by(IssuedReport.number)
    )
    return {row.contract_id: Issued(row.id, row.number, row.content_hash) for row in found}


@looking_back
def reported(contract: Contract) -> Lived:
    """Up to which day reports on a contract were made, drafts too: their numbers are frozen."""
    last = select(func.max(IssuedReport.ends_on)).where(IssuedReport.contract_id == contract.id)
    return Lived(reported_until=db.session.scalar(last))


def contracts_told(agency_id: int, provider_id: int | None) -> Sequence[Contract]:
    """The contracts of an agency and, where one is named, a provider, with all that is judged in them.

    For whom they may be told is asked before: an agency's members see all of it, a provider's all of its own.
    """
    wanted = select(Contract).where(Contract.agency_id == agency_id)
    if provider_id is not None:
        wanted = wanted.where(Contract.provider_id == provider_id)
    return db.session.scalars(
        wanted.options(
            joinedload(Contract.provider),
            joinedload(Contract.agency),
            selectinload(Contract.clauses),
            selectinload(Contract.kpis),
        ).order_by(Contract.reference)
    ).all()


@dataclass(frozen=True)
class ContractsOf:
    """Whose contracts are asked about: all of an agency, or those of one provider with it."""

    agency: Agency
    provider: Provider | None

    @property
    def readers(self) -> Readers:
        return Readers(self.agency.id, provider_id=self.provider.id if self.provider else None)


def asked_or_404(viewer: Viewer, agency: str | None, provider: str | None) -> ContractsOf | None:
    """What the viewer may ask about by slugs: of their agency all or one provider, of a provider's people their own.

    None where there is no contract to tell of yet; 404 where it is not theirs.
    """
    agencies = agencies_of(viewer)
    found = next((each for each in agencies if agency in (None, each.slug)), None)
    if found is None:
        return None if agency is None and provider is None else abort(404)
    providers = providers_of(viewer, found.id)
    if viewer.provider_id is not None:
        provider = provider or providers[0].slug
    if provider is None:
        return ContractsOf(found, None)
    of = next((each for each in providers if each.slug == provider), None)
    return ContractsOf(found, of) if of is not None else abort(404)


def agencies_of(viewer: Viewer) -> Sequence[Agency]:
    """The agencies about whose contracts the viewer may read, by slug: of a provider's people there can be several."""
    ids = for_viewer(viewer).with_only_columns(Contract.agency_id)
    return db.session.scalars(select(Agency).where(Agency.id.in_(ids)).order_by(Agency.slug)).all()


def providers_of(viewer: Viewer, agency_id: int) -> Sequence[Provider]:
    """The providers of the viewer's contracts with an agency, by slug."""
    ids = for_viewer(viewer).where(Contract.agency_id == agency_id).with_only_columns(Contract.provider_id)
    return db.session.scalars(select(Provider).where(Provider.id.in_(ids)).order_by(Provider.slug)).all()


def reports_about(viewer: Viewer, asked: ContractsOf, period: Period) -> Sequence[IssuedReport]:
    """Of each contract asked about the latest report that was issued about exactly these days, by reference."""
    wanted = (
        issued_for(viewer)
        .where(IssuedReport.agency_id == asked.agency.id, IssuedReport.number.is_not(None))
        .where(IssuedReport.starts_on == period.start, IssuedReport.ends_on == period.end)
    )
    if asked.provider is not None:
        wanted = wanted.where(Contract.provider_id == asked.provider.id)
    latest = {report.contract_id: report for report in db.session.scalars(wanted.order_by(IssuedReport.number))}
    return sorted(latest.values(), key=lambda report: report.contract.reference)


def reports_numbered(agency_id: int, numbers: Collection[int]) -> Sequence[IssuedReport]:
    """The reports of an agency with these numbers: for what was put together from them."""
    wanted = select(IssuedReport).where(IssuedReport.agency_id == agency_id, IssuedReport.number.in_(numbers))
    return db.session.scalars(wanted).all()


def overviews_for(viewer: Viewer) -> Select[IssuedOverview]:
    """The issued reports of several contracts that a viewer may see: a provider those about its own alone."""
    if viewer.agency_id is not None:
        return select(IssuedOverview).where(IssuedOverview.agency_id == viewer.agency_id)
    if viewer.provider_id is not None:
        return select(IssuedOverview).where(IssuedOverview.provider_id == viewer.provider_id)
    return select(IssuedOverview).where(false())


def overviews_of(viewer: Viewer, asked: ContractsOf) -> Sequence[IssuedOverview]:
    """Those about the contracts asked about, of any period, the newest first."""
    same = (
        IssuedOverview.provider_id.is_(None)
        if asked.provider is None
        else IssuedOverview.provider_id == asked.provider.id
    )
    wanted = overviews_for(viewer).where(IssuedOverview.agency_id == asked.agency.id, same)
    newest_first = wanted.order_by(IssuedOverview.number.desc())
    return db.session.scalars(newest_first.options(defer(IssuedOverview.content))).all()


def overview_or_404(viewer: Viewer, overview_id: int) -> IssuedOverview:
    found = db.session.scalar(overviews_for(viewer).where(IssuedOverview.id == overview_id))
    return found if found is not None else abort(404)


def overview_file(overview_id: int, kind: str, language: str) -> IssuedOverviewFile | None:
    """A file of an issued report of several contracts in a language, else in any; None while it is not made."""
    found = select(IssuedOverviewFile).where(
        IssuedOverviewFile.issued_overview_id == overview_id, IssuedOverviewFile.kind == kind
    )
    in_order = found.order_by(IssuedOverviewFile.language != language, IssuedOverviewFile.id)
    return db.session.scalars(in_order.limit(1)).first()


def overview_file_by_hash(sha256: str) -> IssuedOverviewFile | None:
    return db.session.scalars(select(IssuedOverviewFile).where(IssuedOverviewFile.sha256 == sha256).limit(1)).first()


def last_number(agency_id: int) -> int:
    """The highest number that an agency has issued a report under, of one contract or of several; 0 for none."""
    found = [
        db.session.scalar(select(func.max(table.number)).where(table.agency_id == agency_id))
        for table in (IssuedReport, IssuedOverview)
    ]
    return max(number or 0 for number in found)
