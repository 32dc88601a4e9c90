"""Composes letters about cases that wait for their readers; sends nothing. Nothing personal stands in them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from app.accounts.models import Member, Membership
from app.cases import news, opening_links, provider_links, verdict_actions, verdict_rules
from app.cases.models import Case, Escalation, EscalationCall, ProviderLink, Verdict
from app.cases.queries import is_to_decide_by, may_see
from app.cases.quiet_hours import EVERY
from app.cases.rules import TO_THE_MANAGER
from app.directory.models import Agency, Contract, Provider
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Actor, CaseStatus, EventKind, Holder, Limit, Role, VerdictStage, in_language
from app.mail.letter import Letter, compose

MOST = 20
"""So many cases are named in a letter; the rest is in the inbox."""


@dataclass(frozen=True)
class Waits:
    """A case that waits for its reader: for what, and until when, in the agency's zone."""

    reference: str
    service: str
    why: str
    until: datetime | None
    timezone: str


def called(member_id: int, hour: datetime, since: datetime) -> Letter | None:
    """The letter about all that waits for a member now, and what happened in an hour and they have not seen.

    After quiet hours it is about all from ``since`` on. None where there is nothing, or they are gone.
    """
    member = db.session.get(Member, member_id)
    if member is None or not member.active:
        return None
    until = hour + EVERY
    found = [each for membership in member.memberships for each in waiting_for(membership)]
    found += [each for membership in member.memberships for each in near_limit(membership, since, until)]
    known = {each.reference for each in found}
    fresh = news.unseen(member, since, until)
    found += [_of_news(each, member.language) for each in fresh if each.reference not in known]
    if not found:
        return None
    # Each case once, with all that it waits for.
    whys: dict[str, list[str]] = {}
    first: dict[str, Waits] = {}
    for each in found:
        first.setdefault(each.reference, each)
        whys.setdefault(each.reference, []).append(each.why)
    return compose(
        "staff_called",
        to=member.email,
        language=member.language,
        key=f"staff.call:{member_id}:{hour.isoformat()}",
        cases=[(each, list(dict.fromkeys(whys[each.reference]))) for each in first.values()][:MOST],
        count=len(first),
        more=max(0, len(first) - MOST),
    )


def new_work(member_id: int, hour: datetime, since: datetime) -> Letter | None:
    """The letter of a day to one of a provider's people: the cases that were given to it and nobody has opened yet.

    None where there is none any more, or they are gone.
    """
    member = db.session.get(Member, member_id)
    if member is None or not member.active:
        return None
    found = news.new_work(member, since, hour + EVERY)
    if not found:
        return None
    waits = [
        Waits(
            each.reference,
            in_language(each.service or each.agency, member.language),
            "assigned",
            each.answer_by,
            each.timezone,
        )
        for each in found
    ]
    waits.sort(key=lambda each: (each.until is None, each.until, each.reference))
    return compose(
        "new_work",
        to=member.email,
        language=member.language,
        key=f"provider.work:{member_id}:{hour.isoformat()}",
        cases=waits[:MOST],
        count=len(waits),
        more=max(0, len(waits) - MOST),
    )


def waiting_for(membership: Membership) -> list[Waits]:
    """The cases that wait for a word of this member in this house, the most pressing first."""
    rows = db.session.execute(
        select(Feedback.reference, Agency.timezone, Agency.name, Contract.service, Case, Verdict)
        .join(Feedback, Feedback.id == Case.feedback_id)
        .join(Agency, Agency.id == Case.agency_id)
        .outerjoin(Contract, Contract.id == Case.contract_id)
        .outerjoin(Verdict, Verdict.feedback_id == Case.feedback_id)
        .where(_waits(membership))
        .order_by(Case.id)
        .limit(10 * MOST)
    )
    found = [
        Waits(
            reference, in_language(service or agency, membership.language), *_why(case, verdict, membership), timezone
        )
        for reference, timezone, agency, service, case, verdict in rows
    ]
    return sorted(found, key=lambda each: (each.until is None, each.until, each.reference))


def provider_link(link_id: int, *, tells_decision: bool = False) -> Letter | None:
    """The link to one case for its provider, without a word of what was said; None where it has ended, or is out.

    ``tells_decision``: it leads to what a manager decided, and asks for nothing.
    """
    link = db.session.get_one(ProviderLink, link_id)
    token, to = provider_links.token_of(link), provider_links.address_of(link)
    if token is None or to is None or opening_links.end_of(link) is not None:
        return None
    feedback, provider = link.feedback, db.session.get_one(Provider, link.provider_id)
    agency = feedback.site.agency
    case = db.session.scalars(select(Case).where(Case.feedback_id == feedback.id)).one()
    # One letter for each: what is asked of the provider is another thing.
    asks, until = "work", case.respond_by if case.first_response_at is None else None
    if tells_decision:
        asks, until = "decided", None
    elif verdict_rules.may_answer(verdict_actions.standing_of(case)):
        asks, until = "reply", verdict_actions.hears_until(case)
    elif verdict_actions.may_still_contest(case):
        asks, until = "contest", verdict_actions.hears_until(case)
    return compose(
        "provider_link",
        to=to,
        language=link.language,
        key=f"provider.link:{link_id}",
        token=token,
        reference=feedback.reference,
        agency_name=in_language(agency.name, link.language),
        provider=in_language(provider.name, link.language),
        site=in_language(feedback.site.name, link.language),
        service=in_language(feedback.contract.service, link.language) if feedback.contract else "",
        asks=asks,
        until=until,
        expires_at=link.expires_at,
        timezone=agency.timezone,
    )


def near_limit(membership: Membership, since: datetime, until: datetime) -> list[Waits]:
    """The open cases of which a step of a limit was told this member then, and whose clock still runs."""
    is_theirs = (
        and_(may_see(membership), Case.holder == Holder.PROVIDER)
        if membership.provider_id is not None
        else Case.agency_id == membership.agency_id
    )
    rows = db.session.execute(
        select(Feedback.reference, Agency.timezone, Agency.name, Contract.service, Case, Escalation)
        .join(Feedback, Feedback.id == Escalation.feedback_id)
        .join(Case, Case.feedback_id == Feedback.id)
        .join(Agency, Agency.id == Case.agency_id)
        .outerjoin(Contract, Contract.id == Case.contract_id)
        .join(EscalationCall, EscalationCall.escalation_id == Escalation.id)
        .where(
            EscalationCall.member_id == membership.member_id,
            Escalation.told_at >= since,
            Escalation.told_at < until,
            Case.status == CaseStatus.OPEN,
            or_(Escalation.limit_kind != Limit.RESPOND, Case.first_response_at.is_(None)),
            is_theirs,
        )
        .order_by(Escalation.step)
    )
    found: dict[tuple[str, Limit], Waits] = {}
    for reference, timezone, agency, service, case, reached in rows:
        by = case.respond_by if reached.limit_kind == Limit.RESPOND else case.resolve_by
        why = f"{reached.limit_kind}_{reached.step}"
        until_then = None if case.waiting_since else by
        said = in_language(service or agency, membership.language)
        found[reference, reached.limit_kind] = Waits(reference, said, why, until_then, timezone)
    return sorted(found.values(), key=lambda each: (each.until is None, each.until, each.reference))


def _of_news(each: news.News, language: str) -> Waits:
    why = "opened_again" if each.kind == EventKind.REOPENED and each.by == Actor.AGENCY else str(each.kind)
    return Waits(each.reference, in_language(each.service or each.agency, language), why, None, "UTC")


def _waits(membership: Membership) -> ColumnElement[bool]:
    reopened = and_(Case.status == CaseStatus.OPEN, Case.times_reopened > 0)
    if membership.provider_id is not None:
        may_contest = and_(Verdict.stage == VerdictStage.STANDS, Verdict.contest_by >= clock.now())
        back = and_(reopened, Case.holder == Holder.PROVIDER)
        return and_(may_see(membership), or_(Verdict.stage == VerdictStage.REPLY, may_contest, back))
    is_untold = and_(Verdict.stage == VerdictStage.REPLY, Verdict.reply_by.is_(None))
    is_back = or_(Verdict.stage == VerdictStage.OBJECTED, is_untold)
    own = [
        and_(is_back, Verdict.judged_by_id == membership.member_id),
        and_(reopened, Case.assignee_id == membership.member_id),
    ]
    if membership.role == Role.MANAGER:
        nobodys = and_(reopened, Case.assignee_id.is_(None), Case.holder == Holder.AGENCY)
        again = and_(Case.status == CaseStatus.OPEN, Case.times_reopened >= TO_THE_MANAGER)
        own += [is_to_decide_by(membership.member_id, membership.agency_id), nobodys, again]
    return and_(Case.agency_id == membership.agency_id, or_(*own))


def _why(case: Case, verdict: Verdict | None, membership: Membership) -> tuple[str, datetime | None]:
    """For what a case waits: a word that the template puts in the reader's language."""
    stage = verdict.stage if verdict else None
    if verdict is not None and membership.provider_id is not None:
        if stage == VerdictStage.REPLY:
            return "reply", verdict.reply_by
        if stage == VerdictStage.STANDS and verdict.contest_by is not None and verdict.contest_by >= clock.now():
            return "contest", verdict.contest_by
    if membership.agency_id is not None:
        if stage == VerdictStage.OBJECTED:
            return "objected", None
        if verdict is not None and stage == VerdictStage.REPLY and verdict.reply_by is None:
            return "untold", None
        if stage in (VerdictStage.CONTESTED, VerdictStage.DISPUTED):
            return "decide", None
    return ("reopened_again" if case.times_reopened >= TO_THE_MANAGER else "reopened"), case.resolve_by
