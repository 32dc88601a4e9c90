"""Who answers for what, as tables."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.directory.rules import CONFIRM_DAYS, CONTEST_DAYS, REOPEN_DAYS, REPLY_DAYS, WAITING_DAYS, Days, in_force
from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Basis, Direction, ProviderKind, Source, Words

CUT_OFFS_IN_ORDER = (
    "(direction = 'at_least' AND target >= approaching AND approaching >= inadequate)"
    " OR (direction = 'at_most' AND target <= approaching AND approaching <= inadequate)"
)

SAFEGUARDING_HOURS = 8.0
"""About one working day, unless the agency sets another limit."""

QUIET_FROM, QUIET_UNTIL = 20, 7
"""From eight in the evening until seven in the morning, unless the agency says otherwise."""


class Agency(Row, Base):
    """Pays for services and answers for them: a city department, a district, a hospital trust."""

    __tablename__ = "agency"
    __table_args__ = (
        check("safeguarding_hours > 0", "safeguarding_hours"),
        check("quiet_from BETWEEN 0 AND 23", "quiet_from"),
        check("quiet_until BETWEEN 0 AND 23", "quiet_until"),
    )

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Words]
    timezone: Mapped[str] = mapped_column(String(60))
    calendar: Mapped[dict[str, Any]]
    languages: Mapped[list[str]]
    emergency_number: Mapped[str | None] = mapped_column(String(40))
    # How residents reach it when a page is hard to use: an e-mail address, a phone number, an office.
    contact: Mapped[str | None] = mapped_column(String(200))
    # Working hours in which a safeguarding concern should be dealt with; no limit of any contract.
    safeguarding_hours: Mapped[float] = mapped_column(default=SAFEGUARDING_HOURS)
    # Whether residents' photos go to the provider without anybody of the agency looking at them first.
    photos_at_once: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Hours of the wall clock between which staff get no letters about cases; the same hour twice is never.
    quiet_from: Mapped[int] = mapped_column(default=QUIET_FROM, server_default=str(QUIET_FROM))
    quiet_until: Mapped[int] = mapped_column(default=QUIET_UNTIL, server_default=str(QUIET_UNTIL))
    # Kind of data → for how many days it is kept; what is not said is as the product has it.
    retention: Mapped[dict[str, Any] | None]
    # Whether texts without persons may go to the translation service of this installation.
    translates: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether its managers may sign in with a password alone: for an administrator of the installation to decide.
    two_steps_optional: Mapped[bool] = mapped_column(default=False, server_default=false())


class Phrase(Row, Base):
    """What officers of an agency often write to residents, in each language in which they have it."""

    __tablename__ = "phrase"

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    # Language → text.
    words: Mapped[dict[str, Any]]


class Provider(Row, Base):
    """Delivers services under contracts, for one agency or several: a firm or a social organisation."""

    __tablename__ = "provider"

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Words]
    kind: Mapped[ProviderKind] = mapped_column(choice(ProviderKind))


class Contract(Row, Base):
    """One provider delivers one service for an agency, between two dates, under clauses, at sites."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        UniqueConstraint("agency_id", "reference"),
        check("starts_on <= ends_on", "starts_before_it_ends"),
        check("waiting_days >= 0", "waiting_days"),
        check("statement_days >= 0", "statement_days"),
        check("reply_days > 0", "reply_days"),
        check("contest_days > 0", "contest_days"),
        check("confirm_days > 0", "confirm_days"),
        check("reopen_days > 0", "reopen_days"),
        check("value IS NULL OR value >= 0", "value"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    reference: Mapped[str] = mapped_column(String(60))
    title: Mapped[Words]
    service: Mapped[Words]
    # What people call it every day (rubbish, 垃圾), for whoever looks for it; shown nowhere else.
    also_called: Mapped[Words | None] = mapped_column(JSON(none_as_null=True))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    # For so many working days a question to the resident stops the clock.
    waiting_days: Mapped[int] = mapped_column(default=WAITING_DAYS)
    # So many working days the provider has for its statement on a draft of a report.
    statement_days: Mapped[int] = mapped_column(default=10, server_default="10")
    # Working days for the provider: to reply to a verdict that is proposed; to contest one upheld against its reply.
    reply_days: Mapped[int] = mapped_column(default=REPLY_DAYS)
    contest_days: Mapped[int] = mapped_column(default=CONTEST_DAYS)
    # Days for the resident: to say whether it is solved, and to open again what was over.
    confirm_days: Mapped[int] = mapped_column(default=CONFIRM_DAYS)
    reopen_days: Mapped[int] = mapped_column(default=REOPEN_DAYS)
    # Its own working calendar; without one the agency's.
    calendar: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # What it costs over its whole time, in a currency (ISO 4217).
    value: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    currency: Mapped[str | None] = mapped_column(String(3))
    # Too few cases for a quarter: KPIs are judged over twelve rolling months.
    is_small: Mapped[bool] = mapped_column(default=False)
    # Of the UK Procurement Act 2023: its KPIs need not be set and told under sections 52 and 71.
    is_light_touch: Mapped[bool] = mapped_column(default=False, server_default=false())

    agency: Mapped[Agency] = relationship()
    provider: Mapped[Provider] = relationship()
    clauses: Mapped[list["Clause"]] = relationship(
        order_by="Clause.position", back_populates="contract", overlaps="agency"
    )
    kpis: Mapped[list["Kpi"]] = relationship(order_by="Kpi.code", overlaps="agency")
    placings: Mapped[list["ContractSite"]] = relationship(
        order_by="ContractSite.id", back_populates="contract", overlaps="agency"
    )


class Clause(Row, Base):
    """A duty in a contract: hours to respond, hours to resolve, the aspects it is about."""

    __tablename__ = "clause"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        UniqueConstraint("contract_id", "code"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("respond_within_hours > 0 AND resolve_within_hours > 0", "limits_are_positive"),
        check("respond_within_hours <= resolve_within_hours", "answered_before_solved"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[Words]
    aspects: Mapped[list[str]]
    respond_within_hours: Mapped[float]
    resolve_within_hours: Mapped[float]
    # Its own working calendar (care runs on Sundays); without one the contract's.
    calendar: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    contract: Mapped[Contract] = relationship(back_populates="clauses", overlaps="agency")
    targets: Mapped[list["ClauseTarget"]] = relationship(order_by="ClauseTarget.starts_on", overlaps="agency")

    def limits_on(self, day: date) -> "Clause | ClauseTarget":
        """The limits for what is submitted on ``day``: those of the latest change, or the first ones."""
        return in_force(self.targets, day) or self


class ClauseTarget(Row, Base):
    """Other limits of a clause from a day on; what was submitted before keeps the limits it began with."""

    __tablename__ = "clause_target"
    __table_args__ = (
        UniqueConstraint("clause_id", "starts_on"),
        ForeignKeyConstraint(["agency_id", "clause_id"], ["clause.agency_id", "clause.id"]),
        check("respond_within_hours > 0 AND resolve_within_hours > 0", "limits_are_positive"),
        check("respond_within_hours <= resolve_within_hours", "answered_before_solved"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    clause_id: Mapped[int]
    starts_on: Mapped[date] = mapped_column(Date)
    respond_within_hours: Mapped[float]
    resolve_within_hours: Mapped[float]


class Kpi(Row, Base):
    """A measure with its target and cut-offs, as the contract sets them; or a share that people enter, with a title."""

    __tablename__ = "kpi"
    __table_args__ = (
        UniqueConstraint("contract_id", "code"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check(CUT_OFFS_IN_ORDER, "cut_offs_in_order"),
        check("(measure = 'entered') = (title IS NOT NULL)", "entered_has_a_title"),
        check("minimum_n >= 0", "minimum_n"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    measure: Mapped[str] = mapped_column(String(60))
    title: Mapped[Words | None] = mapped_column(JSON(none_as_null=True))
    basis: Mapped[Basis] = mapped_column(choice(Basis), default=Basis.RAW)
    direction: Mapped[Direction] = mapped_column(choice(Direction))
    target: Mapped[float]
    approaching: Mapped[float]
    inadequate: Mapped[float]
    minimum_n: Mapped[int] = mapped_column(default=0)
    binds_from: Mapped[date | None] = mapped_column(Date)
    # From when it was agreed; None: from the contract's first day on. What ends before is not judged by it.
    starts_on: Mapped[date | None] = mapped_column(Date)

    # Whoever reads a KPI asks for these: of all the KPIs of an overview at once, not one by one.
    targets: Mapped[list["KpiTarget"]] = relationship(order_by="KpiTarget.starts_on", lazy="selectin")
    names: Mapped[list["KpiName"]] = relationship(order_by="KpiName.starts_on", lazy="selectin")

    def holds_on(self, day: date) -> bool:
        """Whether it was agreed by ``day``; a period that ended before is not judged by it."""
        return self.starts_on is None or self.starts_on <= day

    def days_in(self, contract: Contract) -> Days:
        """On which days of its contract it holds."""
        return Days(self.starts_on or contract.starts_on, contract.ends_on)

    def title_on(self, day: date) -> Words | None:
        """What it is called in a period that ends on ``day``; None where its measure is its name."""
        named = in_force(self.names, day)
        return named.title if named is not None else self.title

    def targets_on(self, day: date) -> "Kpi | KpiTarget":
        """Basis, target and cut-offs for a period that ends on ``day``: those of the latest change, or the first."""
        return in_force(self.targets, day) or self


class KpiName(Row, Base):
    """Another name of a KPI that people enter, from a day on: earlier periods keep the name they had."""

    __tablename__ = "kpi_name"
    __table_args__ = (UniqueConstraint("kpi_id", "starts_on"),)

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    title: Mapped[Words]


class KpiTarget(Row, Base):
    """Another target of a KPI from a day on: a new version, the old ones stay."""

    __tablename__ = "kpi_target"
    __table_args__ = (
        UniqueConstraint("kpi_id", "starts_on"),
        check(CUT_OFFS_IN_ORDER, "cut_offs_in_order"),
        check("minimum_n >= 0", "minimum_n"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    basis: Mapped[Basis] = mapped_column(choice(Basis), default=Basis.RAW)
    direction: Mapped[Direction] = mapped_column(choice(Direction))
    target: Mapped[float]
    approaching: Mapped[float]
    inadequate: Mapped[float]
    minimum_n: Mapped[int] = mapped_column(default=0)
    binds_from: Mapped[date | None] = mapped_column(Date)


class Figure(Row, Base):
    """A share that somebody entered for a KPI: so many of so many in a time, from an inspection or the provider.

    Only ever added: of two about the same days the later one counts, the earlier stays to be seen.
    """

    __tablename__ = "figure"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("numerator >= 0 AND numerator <= denominator AND denominator > 0", "share"),
        check("starts_on <= ends_on", "starts_before_it_ends"),
        Index("ix_figure_kpi", "kpi_id", "starts_on"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    numerator: Mapped[int]
    denominator: Mapped[int]
    source: Mapped[Source] = mapped_column(choice(Source))
    # The member's number and name as they were: people come and go, who entered it stays.
    entered_by_id: Mapped[int]
    entered_by: Mapped[str] = mapped_column(String(255))
    entered_at: Mapped[datetime]
    file_name: Mapped[str | None] = mapped_column(String(120))
    file: Mapped[bytes | None] = mapped_column(deferred=True, default=None)


class Volume(Row, Base):
    """How much was delivered in a month (visits, collections, calls): what complaints are set against."""

    __tablename__ = "volume"
    __table_args__ = (
        UniqueConstraint("contract_id", "month"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check("units > 0", "units"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    # The first day of the month.
    month: Mapped[date] = mapped_column(Date)
    units: Mapped[int]


class Site(Row, Base):
    """A place or a route with a code on a sticker; the sticker outlives the contract, so it belongs to the agency."""

    __tablename__ = "site"
    __table_args__ = (
        UniqueConstraint("agency_id", "id"),
        check("latitude BETWEEN -90 AND 90", "latitude"),
        check("longitude BETWEEN -180 AND 180", "longitude"),
        check("(latitude IS NULL) = (longitude IS NULL)", "position"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    # The code without regard to case, by which it is unique in the installation.
    code_key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Words]
    address: Mapped[Words | None]
    # The part of town, ward or district it lies in, as the agency calls it.
    area: Mapped[Words | None]
    # Where it is, in degrees (WGS 84), as phones tell it.
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)

    agency: Mapped[Agency] = relationship()


class ContractSite(Row, Base):
    """Which contract serves a site, and when."""

    __tablename__ = "contract_site"
    __table_args__ = (
        UniqueConstraint("contract_id", "site_id", "starts_on"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        ForeignKeyConstraint(["agency_id", "site_id"], ["site.agency_id", "site.id"]),
        check("ends_on IS NULL OR starts_on <= ends_on", "starts_before_it_ends"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int] = mapped_column(index=True)
    site_id: Mapped[int] = mapped_column(index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    # The last day; without one, as long as the contract runs.
    ends_on: Mapped[date | None] = mapped_column(Date)

    contract: Mapped[Contract] = relationship(back_populates="placings", overlaps="agency")
    site: Mapped[Site] = relationship(overlaps="agency,contract,placings")
