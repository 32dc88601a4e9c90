"""A link to one case for a provider without accounts: sent, used, taken back, and ended by time or a concern."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, update

from app.accounts.models import Member, Membership
from app.analysis import concerns
from app.cases import verdict_actions, verdict_rules
from app.cases.actions import assign, lock, record
from app.cases.disclosure import PHOTOS, PHOTOS_STAY_OPEN, SHARED
from app.cases.models import Case, Event, LinkDisclosure, ProviderLink
from app.cases.opening_links import has_people, latest_link
from app.extensions import data_keys, db
from app.intake.actions import Contact, contact_of
from app.intake.models import Feedback
from app.intake.rules import new_token, token_hash
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed, NobodyTold
from app.kernel.words import Actor, CaseStatus, EventKind, Holder, Role, VerdictStage
from app.outbox.actions import promise
from app.web.access import Viewer

LASTS = timedelta(days=14)

LINKS_LOOKED_AT = 20
"""So many of the last links to a provider tell in what its addresses end."""


@dataclass(frozen=True)
class LinkViewer:
    """Whoever holds a link looks as the provider's staff do, though as nobody in particular."""

    provider_id: int
    agency_id: None = None
    role: Role = Role.STAFF
    member_id: None = None
    is_safeguarding_officer: bool = False


def give(case: Case, *, member_id: int, note: str | None = None, version: int | None = None) -> Event:
    """Give a case to its provider, whose people read it; ``note`` is for staff alone.

    ``NobodyTold`` where nobody of it signs in: a link gives it the case then, and tells it so.
    """
    if case.provider_id is not None and not has_people(case.provider_id):
        raise NobodyTold("nobody of the provider signs in")
    return assign(case, note=note, member_id=member_id, version=version)


def send(case: Case, *, email: str, language: str, member_id: int, version: int | None = None) -> ProviderLink:
    """Send the provider of a case a link to it; the one before ends.

    It opens for ``LASTS``, and where the provider may reply to a verdict or contest it, as long as it may. Its time to
    reply begins with the link, where nobody of it signs in. Else the provider is given the case with it, where that is
    open and it does not have it yet. ``MoveNotAllowed`` where it could do nothing about the case, or a safeguarding
    concern hides it. ``email`` is tidied already. The history keeps who sent it, when, and until when it opens.
    """
    lock(case, version)
    verdict_actions.stand_when_due(case)
    if case.provider_id is None or not may_send(case):
        raise MoveNotAllowed("there is nothing that a provider could do")
    if gives(case):
        assign(case, member_id=member_id)
    return _send(case, email=email, language=language, member_id=member_id)


def _send(case: Case, *, email: str, language: str, member_id: int, tells_decision: bool = False) -> ProviderLink:
    now, token = clock.now(), new_token()
    revoke_those_of(case.feedback_id, member_id)
    mark = token_hash(token)
    link = ProviderLink(
        agency_id=case.agency_id,
        feedback_id=case.feedback_id,
        provider_id=case.provider_id,
        token_hash=mark,
        token_sealed=data_keys().seal(token, belongs_to=_owner(case.agency_id, mark, "token")),
        email_sealed=data_keys().seal(email, belongs_to=_owner(case.agency_id, mark, "email")),
        language=language,
        sent_by_id=member_id,
        sent_at=now,
        expires_at=now + LASTS,
    )
    db.session.add(link)
    db.session.flush()
    verdict_actions.begin_reply(case)
    link.expires_at = max(link.expires_at, verdict_actions.hears_until(case) or now)
    until = link.expires_at.isoformat(timespec="seconds")
    record(case, EventKind.LINK_SENT, Actor.AGENCY, member_id=member_id, changed_to=until)
    promise(
        "provider.link",
        agency_id=case.agency_id,
        key=f"provider.link:{link.id}",
        link_id=link.id,
        tells_decision=tells_decision,
    )
    return link


def may_send(case: Case) -> bool:
    """Whether there is something for a provider to do that it may see: an open case, a verdict to answer or contest."""
    if case.provider_id is None or concerns.standing(case.feedback_id) is not None:
        return False
    return case.status == CaseStatus.OPEN or is_heard(case)


def is_heard(case: Case) -> bool:
    """Whether the provider may say something to a verdict now: a link is about that then."""
    return verdict_rules.may_answer(verdict_actions.standing_of(case)) or verdict_actions.may_still_contest(case)


def gives(case: Case) -> bool:
    """Whether the provider is given the case with a link."""
    return case.status == CaseStatus.OPEN and case.holder != Holder.PROVIDER and not is_heard(case)


def tell_of_verdict(case: Case, *, email: str | None, language: str, member_id: int) -> ProviderLink | None:
    """After a judgement: send the provider a link by which it replies or, where it was upheld, contests.

    Also one by which it reads what a manager decided on what it contested. ``email`` is where whoever judged sends it.
    What was upheld, and what was decided, goes by itself to where the last link to this case went, unless that was
    taken back. None where there is nothing to say for the provider or to tell it, or no address. Who holds the case
    stays as it is.
    """
    before, is_decided = latest_link(case), verdict_actions.standing_of(case).stage == VerdictStage.DECIDED
    is_due = is_decided or verdict_actions.may_still_contest(case)
    if not email and is_due and before is not None and before.revoked_at is None:
        email, language = address_of(before), before.language
    is_hidden = concerns.standing(case.feedback_id) is not None
    if not email or case.provider_id is None or is_hidden or not (is_decided or is_heard(case)):
        return None
    return _send(case, email=email, language=language, member_id=member_id, tells_decision=is_decided)


def revoke(case: Case, *, member_id: int) -> None:
    """Take the link of a case back: from now on it opens nothing."""
    lock(case, None)
    verdict_actions.stand_when_due(case)
    if not revoke_those_of(case.feedback_id, member_id):
        raise MoveNotAllowed("there is no link to take back")
    verdict_actions.stop_reply(case)
    record(case, EventKind.LINK_REVOKED, Actor.AGENCY, member_id=member_id)


def link_of(viewer: Viewer, feedback_id: int) -> ProviderLink | None:
    """The latest link to a case, for the agency's own people."""
    wanted = select(ProviderLink).where(
        ProviderLink.agency_id == viewer.agency_id, ProviderLink.feedback_id == feedback_id
    )
    return db.session.scalar(wanted.order_by(ProviderLink.id.desc()).limit(1))


def address_before(viewer: Viewer, provider_id: int) -> str | None:
    """Where the viewer's agency sent a link to this provider last, as far as that is still kept."""
    wanted = select(ProviderLink).where(
        ProviderLink.agency_id == viewer.agency_id,
        ProviderLink.provider_id == provider_id,
        ProviderLink.email_sealed.is_not(None),
    )
    link = db.session.scalar(wanted.order_by(ProviderLink.id.desc()).limit(1))
    return address_of(link) if link else None


def domains_of(viewer: Viewer, provider_id: int) -> frozenset[str]:
    """In what the addresses of a provider end: its members', and where the viewer's agency sent links."""
    members = select(Member.email).join(Membership, Membership.member_id == Member.id)
    members = members.where(Membership.provider_id == provider_id, Member.active)
    sent = select(ProviderLink).where(
        ProviderLink.agency_id == viewer.agency_id, ProviderLink.provider_id == provider_id
    )
    links = db.session.scalars(sent.order_by(ProviderLink.id.desc()).limit(LINKS_LOOKED_AT))
    addresses = [*db.session.scalars(members), *(address_of(link) for link in links)]
    return frozenset(address.rpartition("@")[2] for address in addresses if address)


def by_token(token: str, *, to_write: bool = False) -> ProviderLink | None:
    """The link of a token, whether it has ended or not; ``to_write`` holds it, so that it is not revoked meanwhile."""
    wanted = select(ProviderLink).where(ProviderLink.token_hash == token_hash(token))
    return db.session.scalar(wanted.with_for_update() if to_write else wanted)


def show_contact(link: ProviderLink, reason: str) -> Contact:
    """How to reach the resident, who shared it with the provider; that it was opened, and why, is written down."""
    _write_down(link, SHARED, reason)
    return contact_of(link.feedback_id)


def show_photos(link: ProviderLink) -> None:
    """Open the photos of the case to whoever holds the link, as ``disclosure.show_photos`` does to members."""
    if not are_photos_open(link):
        _write_down(link, PHOTOS)


def are_photos_open(link: ProviderLink) -> bool:
    """Whether they were opened by the link a moment ago."""
    since = clock.now() - PHOTOS_STAY_OPEN
    opened = exists().where(LinkDisclosure.link_id == link.id, LinkDisclosure.what == PHOTOS, LinkDisclosure.at > since)
    return bool(db.session.scalar(select(opened)))


def _write_down(link: ProviderLink, what: str, reason: str = "") -> None:
    opened = LinkDisclosure(agency_id=link.agency_id, link=link, at=clock.now(), what=what, reason=reason)
    db.session.add(opened)
    db.session.flush()


def token_of(link: ProviderLink) -> str | None:
    """The token, to write it into its one letter; None once that is out, or the link was taken back."""
    return data_keys().opened(link.token_sealed, belongs_to=_owner(link.agency_id, link.token_hash, "token"))


def address_of(link: ProviderLink) -> str | None:
    """Where it was sent; None once that was kept for long enough."""
    return data_keys().opened(link.email_sealed, belongs_to=_owner(link.agency_id, link.token_hash, "email"))


def forget_token(link_id: int) -> None:
    """The letter is out: from now on only the hash is known."""
    db.session.execute(update(ProviderLink).where(ProviderLink.id == link_id).values(token_sealed=None))


def has_address_of_before(before: datetime) -> ColumnElement[bool]:
    """Over ``Feedback``: it is kept where a link to it was sent that was over before then."""
    links = (ProviderLink.feedback_id == Feedback.id, *_over(before))
    return exists().where(*links)


def forget_addresses(feedback: Feedback, before: datetime) -> int:
    """Forget where links to a feedback were sent that were over before then; how many that were."""
    gone = update(ProviderLink).where(ProviderLink.feedback_id == feedback.id, *_over(before))
    result = db.session.execute(gone.values(email_sealed=None, token_sealed=None))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _over(before: datetime) -> tuple[ColumnElement[bool], ...]:
    ended_at = func.coalesce(ProviderLink.revoked_at, ProviderLink.expires_at)
    return ProviderLink.email_sealed.is_not(None), ended_at < before


def seal_again() -> tuple[int, int]:
    """Seal what links keep with the first data key; how many values that was, and how many no key opens."""
    kept = (("email_sealed", "email"), ("token_sealed", "token"))
    sealed = lost = 0
    for link in db.session.scalars(select(ProviderLink).order_by(ProviderLink.id)):
        for column, what in kept:
            if getattr(link, column) is None or data_keys().is_newest(getattr(link, column)):
                continue
            owner = _owner(link.agency_id, link.token_hash, what)
            text = data_keys().opened(getattr(link, column), belongs_to=owner)
            if text is None:
                lost += 1
                continue
            setattr(link, column, data_keys().seal(text, belongs_to=owner))
            sealed += 1
    db.session.flush()
    return sealed, lost


def revoke_those_of(feedback_id: int, member_id: int) -> int:
    """Take back whatever link to a feedback still stands; how many that were."""
    links = (ProviderLink.feedback_id == feedback_id) & ProviderLink.revoked_at.is_(None)
    standing = db.session.scalars(select(ProviderLink).where(links)).all()
    for link in standing:
        link.revoked_at, link.revoked_by_id, link.token_sealed = clock.now(), member_id, None
    db.session.flush()
    return len(standing)


def _owner(agency_id: int, mark: str, what: str) -> str:
    """What a sealed value is bound to, so that it opens in no other row."""
    return f"agency {agency_id} provider link {mark} {what}"
