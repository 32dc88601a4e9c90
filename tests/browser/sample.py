"""Draws this week's texts for staff to check, without waiting for Monday: ``python -m tests.browser.sample``."""

from sqlalchemy import select

from app import create_app
from app.analysis.sampling import draw
from app.directory.models import Agency
from app.extensions import db
from app.kernel import clock
from app.kernel.periods import week_of
from app.web.transactions import begin_writing


def make() -> None:
    with create_app().app_context():
        begin_writing()
        agency = db.session.scalars(select(Agency)).one()
        draw(agency.id, week_of(clock.now(), agency.timezone).start)
        db.session.commit()


if __name__ == "__main__":
    make()
