"""Who is invited becomes a member only when they accept: an invitation stands by itself until then.

Memberships of those who never came in become invitations; their links sent so far end, and the members' page sends new
ones. Downwards, invitations to addresses without an account become memberships as before; others are gone, as nobody
may be a member who has not accepted.

Revision: 0025, after 0024.
"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from app.kernel.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ROLE_FITS_THE_HOUSE = (
    "(role IN ('viewer', 'officer', 'manager') AND agency_id IS NOT NULL AND provider_id IS NULL)"
    " OR (role = 'staff' AND provider_id IS NOT NULL AND agency_id IS NULL)"
    " OR (role = 'administrator' AND agency_id IS NULL AND provider_id IS NULL)"
)
# Who is waiting: a link may have been sent or not, and no password was ever chosen.
WAITING = "SELECT id FROM member WHERE password IS NULL AND confirmed_at IS NULL"
HOUSES = "email, agency_id, provider_id, role, is_safeguarding_officer, language"


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                *("viewer", "officer", "manager", "staff", "administrator"),
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_safeguarding_officer", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("invited_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(ROLE_FITS_THE_HOUSE, name=op.f("ck_invitation_role_fits_the_house")),
        sa.CheckConstraint(
            "agency_id IS NOT NULL OR NOT is_safeguarding_officer",
            name=op.f("ck_invitation_safeguarding_is_an_agencys"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitation_email_is_tidy")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_invitation_agency_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_invitation_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_agency_id"), "invitation", ["agency_id"])
    op.create_index(op.f("ix_invitation_provider_id"), "invitation", ["provider_id"])
    op.create_index("uq_invitation_agency", "invitation", ["email", "agency_id"], unique=True)
    op.create_index("uq_invitation_provider", "invitation", ["email", "provider_id"], unique=True)
    op.execute(
        f"INSERT INTO invitation ({HOUSES}, invited_at)"  # noqa: S608
        " SELECT lower(member.email), agency_id, provider_id, role, is_safeguarding_officer, language,"
        " coalesce(invited_at, CURRENT_TIMESTAMP)"
        f" FROM membership JOIN member ON member.id = member_id WHERE member_id IN ({WAITING})"
    )
    op.execute(f"DELETE FROM membership WHERE member_id IN ({WAITING})")  # noqa: S608
    op.execute(f"UPDATE member SET active = false WHERE id IN ({WAITING})")  # noqa: S608
    op.drop_column("member", "invited_at")


def downgrade() -> None:
    op.add_column("member", sa.Column("invited_at", UtcDateTime(timezone=True), nullable=True))
    bind = op.get_bind()
    waiting = bind.execute(sa.text(f"SELECT {HOUSES}, invited_at FROM invitation ORDER BY id")).mappings().all()  # noqa: S608
    for row in waiting:
        of_address = {"email": row["email"]}
        found = bind.execute(sa.text("SELECT id, password FROM member WHERE email = :email"), of_address).first()
        if found is None:
            bind.execute(
                sa.text(
                    "INSERT INTO member (email, name, active, language, fs_uniquifier)"
                    " VALUES (:email, '', true, :language, :mark)"
                ),
                {**of_address, "language": row["language"], "mark": uuid4().hex},
            )
        elif found.password is not None:
            continue
        known = bind.execute(sa.text("SELECT id FROM member WHERE email = :email"), of_address).scalar_one()
        more = {**row, "member_id": known}
        bind.execute(sa.text("UPDATE member SET active = true, invited_at = :invited_at WHERE id = :member_id"), more)
        bind.execute(
            sa.text(
                "INSERT INTO membership"
                " (member_id, agency_id, provider_id, role, is_safeguarding_officer, is_on_duty, is_lead) VALUES"
                " (:member_id, :agency_id, :provider_id, :role, :is_safeguarding_officer, false, false)"
            ),
            more,
        )
    op.drop_table("invitation")
