"""What a report reads beside the facts that are measured. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.analysis.models import Tag
from app.cases.models import Case
from app.cases.queries import may_see
from app.directory.models import Contract, Site
from app.extensions import db
from app.intake.models import Feedback
from app.kernel.words import Words
from app.reports.models import ChartPicture
from app.reports.topics import Text
from app.web.access import Viewer


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a feedback belongs, and what is known of it that no clock counts."""

    reference: str
    site_id: int
    clause_id: int | None
    is_urgent: bool
    is_given: bool


def placed(which: ColumnElement[bool]) -> dict[int, Placed]:
    """Feedback → where it belongs, for the feedback for which ``which`` holds."""
    rows = db.session.execute(
        select(
            Feedback.id,
            Feedback.reference,
            Feedback.site_id,
            Case.clause_id,
            Tag.is_urgent,
            Case.provider_since,
        )
        .outerjoin(Tag, Tag.feedback_id == Feedback.id)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .where(which)
    )
    return {
        id_: Placed(reference, site_id, clause_id, bool(is_urgent), since is not None)
        for id_, reference, site_id, clause_id, is_urgent, since in rows
    }


def sites(ids: Collection[int]) -> dict[int, tuple[str, Words]]:
    """Site → code and name."""
    rows = db.session.execute(select(Site.id, Site.code, Site.name).where(Site.id.in_(ids)))
    return {id_: (code, name) for id_, code, name in rows}


def texts(viewer: Viewer | None, references: Sequence[str]) -> dict[str, str]:
    """Reference → text without persons, of what the viewer may read; None is a command, which no viewer narrows."""
    wanted = (
        select(Feedback.reference, Tag.redacted)
        .outerjoin(Case, Case.feedback_id == Feedback.id)
        .join(Tag, Tag.feedback_id == Feedback.id)
    )
    if viewer is not None:
        wanted = wanted.where(may_see(viewer))
    found: dict[str, str] = {}
    for begin in range(0, len(references), 500):
        some = wanted.where(Feedback.reference.in_(references[begin : begin + 500]))
        found |= {reference: text for reference, text in db.session.execute(some)}
    return found


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
        .where(may_see(viewer), Feedback.contract_id == contract_id, Tag.redacted != "")
        .where(Feedback.submitted_at >= since, Feedback.submitted_at < until)
        .order_by(Feedback.submitted_at, Feedback.id)
    )
    return [Text(reference, language, words) for reference, language, words in db.session.execute(wanted)]
