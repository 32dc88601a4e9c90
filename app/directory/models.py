"""Who answers for what, as tables."""

from datetime import date
from typing import Any

from sqlalchemy import Date, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Basis, Direction, ProviderKind, Words


class Agency(Row, Base):
    """Pays for services and answers for them: a city department, a district, a hospital trust."""

    __tablename__ = "agency"

    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Words]
    timezone: Mapped[str] = mapped_column(String(60))
    calendar: Mapped[dict[str, Any]]
    languages: Mapped[list[str]]
    emergency_number: Mapped[str | None] = mapped_column(String(40))
    # Whether residents' photos go to the provider without anybody of the agency looking at them first.
    photos_at_once: Mapped[bool] = mapped_column(default=False, server_default=false())


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
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    reference: Mapped[str] = mapped_column(String(60))
    title: Mapped[Words]
    service: Mapped[Words]
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    # For so many working days a question to the resident stops the clock.
    waiting_days: Mapped[int] = mapped_column(default=5)

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
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[Words]
    aspects: Mapped[list[str]]
    respond_within_hours: Mapped[float]
    resolve_within_hours: Mapped[float]

    contract: Mapped[Contract] = relationship(back_populates="clauses", overlaps="agency")


class Kpi(Row, Base):
    """A measure with its target and cut-offs, as the contract sets them."""

    __tablename__ = "kpi"
    __table_args__ = (
        UniqueConstraint("contract_id", "code"),
        ForeignKeyConstraint(["agency_id", "contract_id"], ["contract.agency_id", "contract.id"]),
        check(
            "(direction = 'at_least' AND target >= approaching AND approaching >= inadequate)"
            " OR (direction = 'at_most' AND target <= approaching AND approaching <= inadequate)",
            "cut_offs_in_order",
        ),
        check("minimum_n >= 0", "minimum_n"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    contract_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    measure: Mapped[str] = mapped_column(String(60))
    basis: Mapped[Basis] = mapped_column(choice(Basis), default=Basis.RAW)
    direction: Mapped[Direction] = mapped_column(choice(Direction))
    target: Mapped[float]
    approaching: Mapped[float]
    inadequate: Mapped[float]
    minimum_n: Mapped[int] = mapped_column(default=0)
    binds_from: Mapped[date | None] = mapped_column(Date)


class Site(Row, Base):
    """A place or a route with a code on a sticker; the sticker outlives the contract, so it belongs to the agency."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("agency_id", "id"),)

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    # The code without regard to case, by which it is unique in the installation.
    code_key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Words]
    address: Mapped[Words | None]

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
