"""Small worlds for tests: an agency with its providers, contracts, sites and people, in the product's own words."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.accounts import two_steps
from app.accounts.models import Member, Membership
from app.accounts.rules import IN_TWO_STEPS
from app.directory.models import Agency, Clause, Contract, ContractSite, Kpi, Provider, Site
from app.extensions import db
from app.kernel import clock
from app.kernel.words import Direction, ProviderKind, Role

KEY = b"a key for tests only"
"""Of the authenticator apps of those who must have one."""

OFFICE_HOURS = {"weekdays": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:30", "holidays": [], "extra_workdays": []}


@dataclass
class Directory:
    agency: Agency
    provider: Provider
    other_provider: Provider
    contract: Contract
    other_contract: Contract
    site: Site
    other_site: Site
    viewer: Member
    officer: Member
    second_officer: Member
    manager: Member
    staff: Member
    other_staff: Member


def member(
    email: str, role: Role, *, agency: Agency | None = None, provider: Provider | None = None, **more: Any
) -> Member:
    """A person with one membership; their password is set by nobody, a second step where their role asks for it."""
    person = Member(email=email, name=email.split("@")[0].title(), fs_uniquifier=uuid.uuid4().hex, active=True, **more)
    person.confirmed_at = clock.now()
    db.session.add(person)
    db.session.flush()
    if role in IN_TWO_STEPS:
        person.tf_primary_method, person.tf_totp_secret = two_steps.METHOD, two_steps.seal(person.id, KEY)
    db.session.add(
        Membership(
            member_id=person.id,
            role=role,
            agency_id=agency.id if agency else None,
            provider_id=provider.id if provider else None,
        )
    )
    db.session.flush()
    return person


def administrator() -> Member:
    person = member("root@answerable.example", Role.ADMINISTRATOR)
    db.session.commit()
    return person


def contract(agency: Agency, provider: Provider, reference: str, service: str, sites: list[Site]) -> Contract:
    made = Contract(
        agency_id=agency.id,
        provider_id=provider.id,
        reference=reference,
        title=f"{service} 2026",
        service=service,
        starts_on=date(2026, 1, 1),
        ends_on=date(2027, 12, 31),
    )
    db.session.add(made)
    db.session.flush()
    for position, (code, title, aspects) in enumerate(
        [("1", "On time", ["timeliness"]), ("2", "Conduct of staff", ["staff"])]
    ):
        db.session.add(
            Clause(
                agency_id=agency.id,
                contract_id=made.id,
                position=position,
                code=code,
                title=title,
                aspects=aspects,
                respond_within_hours=16,
                resolve_within_hours=40,
            )
        )
    db.session.add(
        Kpi(
            agency_id=agency.id,
            contract_id=made.id,
            code="K1",
            measure="on_time_response_rate",
            direction=Direction.AT_LEAST,
            target=0.9,
            approaching=0.8,
            inadequate=0.6,
            minimum_n=10,
        )
    )
    for site in sites:
        db.session.add(
            ContractSite(agency_id=agency.id, contract_id=made.id, site_id=site.id, starts_on=date(2026, 1, 1))
        )
    db.session.flush()
    return made


def world(
    slug: str, timezone: str, languages: list[str], codes: tuple[str, str, str], providers: tuple[str, str]
) -> Directory:
    agency = Agency(
        slug=slug,
        name=f"{slug.title()} Public Services",
        timezone=timezone,
        calendar=OFFICE_HOURS,
        languages=languages,
        emergency_number="999",
    )
    first = Provider(slug=providers[0], name=f"{providers[0].title()} Ltd", kind=ProviderKind.FIRM)
    second = Provider(slug=providers[1], name=f"{providers[1].title()} Care", kind=ProviderKind.SOCIAL_ORGANISATION)
    db.session.add_all([agency, first, second])
    db.session.flush()
    sites = [
        Site(agency_id=agency.id, code=code, code_key=code.casefold(), name=f"Place {code}", address=f"{n} Long Street")
        for n, code in enumerate(codes, start=1)
    ]
    db.session.add_all(sites)
    db.session.flush()
    made = Directory(
        agency=agency,
        provider=first,
        other_provider=second,
        contract=contract(agency, first, "C-001", "Street cleaning", sites[:2]),
        other_contract=contract(agency, second, "C-002", "Home care", sites[2:]),
        site=sites[0],
        other_site=sites[2],
        viewer=member(f"viewer@{slug}.example", Role.VIEWER, agency=agency),
        officer=member(f"officer@{slug}.example", Role.OFFICER, agency=agency),
        second_officer=member(f"second@{slug}.example", Role.OFFICER, agency=agency),
        manager=member(f"manager@{slug}.example", Role.MANAGER, agency=agency),
        staff=member(f"staff@{providers[0]}.example", Role.STAFF, provider=first),
        other_staff=member(f"staff@{providers[1]}.example", Role.STAFF, provider=second),
    )
    db.session.commit()
    return made


def riverside() -> Directory:
    return world("riverside", "Asia/Shanghai", ["zh", "en"], ("RS-001", "RS-002", "RS-003"), ("clearway", "sunrise"))


def hillside() -> Directory:
    return world("hillside", "Europe/London", ["en"], ("HS-001", "HS-002", "HS-003"), ("brightside", "oakcare"))
