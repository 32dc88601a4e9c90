"""Loading the demo, once; and what whoever starts it needs to look around."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, insert, select

from app.accounts.actions import AlreadyMember, add_member
from app.accounts.models import Member
from app.accounts.rules import House
from app.cases.inbox_marks import settle
from app.cases.models import Look
from app.config import Config
from app.demo.directory import FORMS, HILLSIDE, RIVERSIDE, directories
from app.demo.story import SERVICES, story
from app.digest.actions import subscribe
from app.directory.actions import import_directory
from app.directory.models import Agency, Contract, Provider
from app.extensions import db
from app.histories.actions import take_in
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.errors import ImportRefused
from app.kernel.periods import day_of, month_of
from app.kernel.words import ActionStep, Holder, Role
from app.reviews import actions as reviews
from app.reviews.models import AgreedAction
from app.transparency import actions as publishing
from app.transparency.actions import CannotDraft
from app.transparency.queries import last_approved
from app.transparency.suppression import SMALLEST_CELL
from app.web.transactions import begin_writing

AGENCIES = (RIVERSIDE, HILLSIDE)
HOUSE_ROLES = (Role.VIEWER, Role.OFFICER, Role.MANAGER)
STAFF = ("clearway", "sunrise")
NEW_FOR = timedelta(days=2)
"""What is older, somebody at the agency has looked at."""


@dataclass(frozen=True)
class Loaded:
    """What there is to look at: the address, forms and accounts; ``password`` is None where we do not know it."""

    address: str
    forms: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    password: str | None


def load(config: Config) -> bool:
    """Load what is missing of the demo; False where it was all there. Commits step by step, and can be repeated.

    ``ImportRefused`` where an agency of the same name is there already that is not the demo's.
    """
    until = clock.now()
    _refuse_others()
    added = _load_directory(until)
    added = _load_members(_password(config)) or added
    for slug in AGENCIES:
        added = _load_story(slug, until) or added
        added = _publish(slug, until) or added
    return _agree(until) or added


def show(config: Config) -> Loaded | None:
    """What the demo offers; None where it is not loaded."""
    if not all(_is_ours(slug) for slug in AGENCIES):
        return None
    kept = config.var / "demo_password"
    return Loaded(
        address=config.public_url,
        forms=tuple(f"{config.public_url}/give/{code}" for slug in AGENCIES for code in FORMS[slug]),
        accounts=tuple(
            [(f"{role}@{slug}.example", f"{role} of {slug}") for slug in AGENCIES for role in HOUSE_ROLES]
            + [(f"staff@{slug}.example", f"staff of the provider {slug}") for slug in STAFF]
        ),
        password=kept.read_text().strip() if kept.exists() else None,
    )


def _refuse_others() -> None:
    taken = [slug for slug in AGENCIES if _agency(slug) is not None and not _is_ours(slug)]
    if taken:
        raise ImportRefused([f"There is an agency {slug!r} already that is not the demo's." for slug in taken])


def _is_ours(slug: str) -> bool:
    first = SERVICES[slug][0].contract
    known = select(Contract.id).join(Agency, Agency.id == Contract.agency_id)
    return db.session.scalar(known.where(Agency.slug == slug, Contract.reference == first)) is not None


def _agency(slug: str) -> Agency | None:
    return db.session.scalar(select(Agency).where(Agency.slug == slug))


def _load_directory(until: datetime) -> bool:
    if all(_is_ours(slug) for slug in AGENCIES):
        return False
    begin_writing()
    for data in directories(until.date()):
        import_directory(data)
    for slug in AGENCIES:
        # Whoever looks at the demo has no phone at hand that knows it; everywhere else managers sign in in two steps.
        agency = _agency(slug)
        if agency is not None:
            agency.two_steps_optional = True
    db.session.commit()
    return True


def _load_members(password: str) -> bool:
    begin_writing()
    added = 0
    for slug in AGENCIES:
        agency = db.session.scalars(select(Agency).where(Agency.slug == slug)).one()
        for role in HOUSE_ROLES:
            with suppress(AlreadyMember):
                house = House(agency_id=agency.id)
                made = add_member(
                    f"{role}@{slug}.example",
                    role,
                    house,
                    name=f"{slug.title()} {role}",
                    password=password,
                    is_safeguarding_officer=role == Role.MANAGER,
                )
                made.is_on_duty = role == Role.OFFICER
                added += 1
                if role == Role.MANAGER:
                    subscribe(made.member_id, agency.id)
    for slug in STAFF:
        provider = db.session.scalars(select(Provider).where(Provider.slug == slug)).one()
        with suppress(AlreadyMember):
            house = House(provider_id=provider.id)
            add_member(f"staff@{slug}.example", Role.STAFF, house, name=f"{slug.title()} staff", password=password)
            added += 1
    db.session.commit()
    return added > 0


def _load_story(slug: str, until: datetime) -> bool:
    agency = db.session.scalars(select(Agency).where(Agency.slug == slug)).one()
    agency_id = agency.id
    taken_in = Feedback.external_reference.like(f"{slug[:1].upper()}-%")
    if not db.session.scalar(select(exists().where(Feedback.agency_id == agency_id, taken_in))):
        told = story(slug, until)
        take_in(told.feedback, told.events, agency=agency)
    elif db.session.scalar(select(exists().where(Look.agency_id == agency_id))):
        return False
    _look(agency_id, f"{Role.OFFICER}@{slug}.example", until)
    return True


def _publish(slug: str, until: datetime) -> bool:
    """The two last months that are over, of all contracts, as a manager would have approved them."""
    begin_writing()
    agency = db.session.scalars(select(Agency).where(Agency.slug == slug)).one()
    contracts = db.session.scalars(
        select(Contract.id).where(Contract.agency_id == agency.id).order_by(Contract.reference)
    ).all()
    published = False
    if last_approved(agency.id) is None:
        publishing.choose(agency.id, contracts, [], SMALLEST_CELL)
        this_month = month_of(until, agency.timezone)
        last_month = month_of(this_month.since - timedelta(days=1), agency.timezone)
        for month in (month_of(last_month.since - timedelta(days=1), agency.timezone), last_month):
            with suppress(CannotDraft):
                drafted = publishing.draft(agency, month.start, member_id=None)
                publishing.approve(drafted, f"{slug.title()} manager", member_id=None, version=drafted.version)
                published = True
    db.session.commit()
    return published


def _agree(until: datetime) -> bool:
    """What was agreed in a review: one thing that the provider says is done, and one of the agency's own."""
    begin_writing()
    agency = db.session.scalars(select(Agency).where(Agency.slug == RIVERSIDE)).one()
    streets = select(Contract).where(Contract.agency_id == agency.id, Contract.reference == "RS-STREETS")
    contract = db.session.scalars(streets).one()
    is_there = bool(db.session.scalar(select(exists().where(AgreedAction.contract_id == contract.id))))
    if not is_there:
        manager, lead = _member_id(f"{Role.MANAGER}@{RIVERSIDE}.example"), _member_id("staff@clearway.example")
        today = day_of(until, agency.timezone)
        for what, side, who, days, step, said in (
            (
                "A second crew on market days",
                Holder.PROVIDER,
                "Site lead",
                -3,
                ActionStep.SAID_DONE,
                "They have begun, and stay until the quarter ends.",
            ),
            (
                "Tell the provider of road works a week before they begin",
                Holder.AGENCY,
                "Contract manager",
                14,
                ActionStep.NOTED,
                "For the bridge it was the day before.",
            ),
        ):
            due_on = today + timedelta(days=days)
            agreed = reviews.agree_on(contract, what, side=side, who=who, due_on=due_on, member_id=manager)
            reviews.say(
                agreed, step, said, agency.timezone, side=Holder.PROVIDER, member_id=lead, name="Clearway staff"
            )
    db.session.commit()
    return not is_there


def _member_id(email: str) -> int:
    return db.session.scalars(select(Member.id).where(Member.email == email)).one()


def _look(agency_id: int, email: str, until: datetime) -> None:
    """The officer has looked at everything that is not quite new."""
    from_before = select(Feedback.id, Feedback.submitted_at).where(
        Feedback.agency_id == agency_id, Feedback.submitted_at < until - NEW_FOR
    )
    begin_writing()
    member_id = _member_id(email)
    looks = [
        {"agency_id": agency_id, "feedback_id": row.id, "member_id": member_id, "at": row.submitted_at + NEW_FOR}
        for row in db.session.execute(from_before)
    ]
    if looks:
        db.session.execute(insert(Look), looks)
        settle(row["feedback_id"] for row in looks)
    db.session.commit()


def _password(config: Config) -> str:
    """The password of all accounts: kept from the first time on, so that it can be shown again."""
    path = config.var / "demo_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text((config.demo_password or secrets.token_urlsafe(9)) + "\n")
    return path.read_text().strip()
