"""What the sender of a mail hears while it waits to be filed."""

from app.directory.models import Agency
from app.extensions import db
from app.intake import mail_keeping
from app.intake.models import IncomingMail
from app.kernel.words import in_language
from app.mail.letter import Letter, compose


def waits(mail: IncomingMail) -> Letter | None:
    """That it has arrived; None where it waits no more, or nobody can be answered."""
    said = mail_keeping.said_in(mail)
    if said is None or said.sender is None:
        return None
    agency = db.session.get_one(Agency, mail.agency_id)
    return compose(
        "mail_waits",
        to=said.sender,
        language=said.language,
        key=f"mail.waits:{mail.id}",
        agency=in_language(agency.name, said.language),
        emergency_number=agency.emergency_number,
    )
