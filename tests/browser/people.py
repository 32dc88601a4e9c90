"""Makes members with a known password in the database of the environment: ``python -m tests.browser.people``."""

from sqlalchemy import select

from app import create_app
from app.accounts import two_steps
from app.accounts.actions import add_member
from app.accounts.rules import House
from app.directory.models import Agency, Provider
from app.extensions import db
from app.kernel.words import Role
from app.web.transactions import begin_writing

PASSWORD = "four words nobody guesses"
OFFICER, MANAGER, STAFF = "officer@riverside.example", "manager@riverside.example", "staff@clearway.example"
SECOND = "second@riverside.example"
ADMINISTRATOR = "root@answerable.example"
KEY = b"a key for tests only"
"""Of the app with which the administrator signs in; the agency leaves two steps to its managers."""


def make() -> None:
    with create_app().app_context():
        begin_writing()
        agency = db.session.scalars(select(Agency)).one()
        clearway = db.session.scalars(select(Provider).where(Provider.slug == "clearway")).one()
        for email, role, house in (
            (OFFICER, Role.OFFICER, House(agency_id=agency.id)),
            (SECOND, Role.OFFICER, House(agency_id=agency.id)),
            (MANAGER, Role.MANAGER, House(agency_id=agency.id)),
            (STAFF, Role.STAFF, House(provider_id=clearway.id)),
            (ADMINISTRATOR, Role.ADMINISTRATOR, House()),
        ):
            made = add_member(
                email,
                role,
                house,
                name=email.split("@")[0].title(),
                password=PASSWORD,
                is_safeguarding_officer=email == OFFICER,
            )
            if role == Role.ADMINISTRATOR:
                made.member.tf_primary_method = two_steps.METHOD
                made.member.tf_totp_secret = two_steps.seal(made.member_id, KEY)
        agency.two_steps_optional = True
        db.session.commit()


if __name__ == "__main__":
    make()
