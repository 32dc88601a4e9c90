"""What a report reads beside the facts that are measured. Reads only."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import Row, Select, and_, false, select
from sqlalchemy.orm import defer

from app.accounts.models import Member, Membership
from app.analysis.concerns import is_hidden, was_hidden
from app.analysis.models import Tag
from app.cases.models import Case
from app.cases.queries import may_see
from app.directory.models import Agency, Contract, Site
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import Channel, Words
from app.reports.models import ChartPicture, IssuedFile, IssuedReport
from app.reports.topics import Text
from app.web.access import Viewer


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


def drawn_sizes(contract_id: int, marks: Collection[str]) -> frozenset[tuple[str, str]]:
    """Which pictures (mark, size) there are of charts of a contract."""
    found = select(ChartPicture.mark, ChartPicture.size).where(
        ChartPicture.contract_id == contract_id, ChartPicture.mark.in_(marks)
    )
    return frozenset((mark, size) for mark, size in db.session.execute(found))


def picture(contract_id: int, mark: str, size: str) -> str | None:
    """The SVG of a chart; None while it is not drawn."""
    return db.session.scalar(
        select(ChartPicture.svg).where(
            ChartPicture.contract_id == contract_id, ChartPicture.mark == mark, ChartPicture.size == size
        )
    )


def pictures(contract_id: int, marks: Collection[str]) -> dict[str, str]:
    """Mark → SVG for a desk, of those charts of a contract that are drawn."""
    found = select(ChartPicture.mark, ChartPicture.svg).where(
        ChartPicture.contract_id == contract_id, ChartPicture.mark.in_(marks), ChartPicture.size == "wide"
    )
    return {mark: svg for mark, svg in db.session.execute(found)}


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


def issued_or_404(viewer: Viewer, contract_id: int, report_id: int) -> IssuedReport:
    wanted = issued_for(viewer).where(IssuedReport.contract_id == contract_id, IssuedReport.id == report_id)
    found = db.session.scalar(wanted)
    return found if found is not None else abort(404)


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
