"""Merging a case into another one of the agency that tells the same: it leaves the measures and stays in sight.

Who sent it is told of the other (``merged_into`` in ``actions``), and counts no second time.
"""

from app.cases.actions import check, lock, record
from app.cases.models import Case, Event
from app.extensions import db
from app.kernel.errors import ThingUnknown
from app.kernel.words import Actor, CaseStatus, EventKind


def mark_duplicate(case: Case, of: Case, *, member_id: int | None, version: int | None = None) -> Event:
    """Merge the case into another one of the same agency. ``ThingUnknown`` where it cannot be merged into that one."""
    lock(case, version)
    if of.id == case.id or of.agency_id != case.agency_id or of.status == CaseStatus.DUPLICATE:
        raise ThingUnknown("a case can be the duplicate only of another case of the agency that is none itself")
    check(case, EventKind.DUPLICATE, Actor.AGENCY)
    with db.session.no_autoflush:  # the row says both that it is a duplicate and of what, or neither
        case.duplicate_of_id = of.id
        changed_to = of.feedback.reference
        return record(case, EventKind.DUPLICATE, Actor.AGENCY, member_id=member_id, changed_to=changed_to)
