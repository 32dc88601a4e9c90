"""People who sign in, and where they belong."""

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.directory.models import Agency, Provider
from app.kernel.database import Base, Row, check, choice
from app.kernel.words import Role

NO_APP = "none: passkeys"
"""Stands where the sealed key of an app would, for who chose a passkey as the second step: it opens nothing."""


class Member(Row, UserMixin, Base):
    """A person who signs in. What they may do is said by their memberships."""

    __tablename__ = "member"
    __table_args__ = (
        check("quiet_from BETWEEN 0 AND 23", "quiet_from"),
        check("quiet_until BETWEEN 0 AND 23", "quiet_until"),
        check("(quiet_from IS NULL) = (quiet_until IS NULL)", "quiet_hours"),
    )

    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    language: Mapped[str] = mapped_column(String(8), default="en")
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    # The second step of signing in, under the names that flask-security asks for: "authenticator", the sealed key of
    # their app (``NO_APP`` where they have passkeys alone), and the SHA-256 of each recovery code that is left.
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[str] | None]
    # The step whose code was used last: no code works twice.
    two_step_counter: Mapped[int | None]
    # From which until which hour no letters go out; where the member chose none of their own, those of the agency.
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="member", order_by="Membership.id")

    @property
    def has_two_steps(self) -> bool:
        return self.tf_totp_secret is not None

    @property
    def has_app(self) -> bool:
        """Whether codes of an authenticator app let in, and not passkeys alone."""
        return self.tf_totp_secret not in (None, NO_APP)

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]
        """flask-security's idea of roles; ours are on the memberships."""
        return []

    def get_security_payload(self) -> dict[str, Any]:
        return {}


class Passkey(Row, Base):
    """A key in a phone, a computer or a stick that a member signs in with in the second step. Only its public half."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("member_id", "name"), check("sign_count >= 0", "sign_count"))

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    # As the member calls it, to know which one to remove.
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2048))
    # How often it was used, where the key counts: a lower number is a copy.
    sign_count: Mapped[int]
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class SecurityRole(Row, RoleMixin, Base):
    """flask-security insists on a table of roles; ours are on the memberships, so it stays empty."""

    __tablename__ = "security_role"

    name: Mapped[str] = mapped_column(String(40), unique=True)


ROLE_FITS_THE_HOUSE = (
    "(role IN ('viewer', 'officer', 'manager') AND agency_id IS NOT NULL AND provider_id IS NULL)"
    " OR (role = 'staff' AND provider_id IS NOT NULL AND agency_id IS NULL)"
    " OR (role = 'administrator' AND agency_id IS NULL AND provider_id IS NULL)"
)


class Invitation(Row, Base):
    """That somebody is asked to become a member. With an account or without, nobody is one before they accept."""

    __tablename__ = "invitation"
    __table_args__ = (
        check(ROLE_FITS_THE_HOUSE, "role_fits_the_house"),
        check("agency_id IS NOT NULL OR NOT is_safeguarding_officer", "safeguarding_is_an_agencys"),
        check("email = lower(email)", "email_is_tidy"),
        Index("uq_invitation_agency", "email", "agency_id", unique=True),
        Index("uq_invitation_provider", "email", "provider_id", unique=True),
    )

    email: Mapped[str] = mapped_column(String(255))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    is_safeguarding_officer: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(8), default="en")
    # When the letter was asked for last: its link holds this moment, so that an earlier one ends.
    invited_at: Mapped[datetime]

    agency: Mapped[Agency | None] = relationship()
    provider: Mapped[Provider | None] = relationship()


class Membership(Row, Base):
    """What a member is to one agency or one provider."""

    __tablename__ = "membership"
    __table_args__ = (
        check(ROLE_FITS_THE_HOUSE, "role_fits_the_house"),
        check("agency_id IS NOT NULL OR NOT is_safeguarding_officer", "safeguarding_is_an_agencys"),
        check("agency_id IS NOT NULL OR NOT is_on_duty", "duty_is_an_agencys"),
        check("provider_id IS NOT NULL OR NOT is_lead", "lead_is_a_providers"),
        Index("uq_membership_agency", "member_id", "agency_id", unique=True),
        Index("uq_membership_provider", "member_id", "provider_id", unique=True),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    # Closes and releases safeguarding concerns of the agency.
    is_safeguarding_officer: Mapped[bool] = mapped_column(default=False)
    # Is told of urgent feedback at once.
    is_on_duty: Mapped[bool] = mapped_column(default=False)
    # Manages colleagues at the provider.
    is_lead: Mapped[bool] = mapped_column(default=False)

    member: Mapped[Member] = relationship(back_populates="memberships")
    agency: Mapped[Agency | None] = relationship()
    provider: Mapped[Provider | None] = relationship()

    @property
    def language(self) -> str:
        return self.member.language
