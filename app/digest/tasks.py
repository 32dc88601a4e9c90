"""What the worker calls to send a weekly email. Ids in, safe to repeat."""

from dataclasses import replace

import structlog
from flask_babel import force_locale

from app.digest import actions, letters
from app.extensions import db
from app.mail.letter import File, Picture
from app.mail.postman import deliver
from app.outbox.running import Deed
from app.reports import as_pdf, drawing
from app.reports.overview import Overview
from app.reports.report import Report
from app.web.languages import locale_of

log = structlog.get_logger()


def send(sending_id: int) -> Deed | None:
    """On ``digest.send``: write the letter, draw and print what comes with it, send it, note that it went.

    Drawing and sending happen outside any transaction.
    """
    weekly = letters.weekly(sending_id)
    db.session.rollback()
    if weekly is None:
        return None
    pictures = tuple(Picture(name, drawing.draw_png("spark", data)) for name, data in weekly.charts)
    with force_locale(locale_of(weekly.language)):
        printed = [_printed(weekly.overview.scope.agency, weekly.overview)] if weekly.overview else []
        printed += [_printed(report.scope.contract, report) for report in weekly.reports]
        files = tuple(file for file in printed if file is not None)
    deliver(replace(weekly.letter, pictures=pictures, files=files))
    return lambda: actions.note_sent(sending_id)


def _printed(whose: str, report: Report | Overview) -> File | None:
    """The report as PDF; a letter goes without what cannot be set."""
    name = f"{whose}-{report.period.start}-{report.period.end}.pdf"
    try:
        made = as_pdf.render_overview(report) if isinstance(report, Overview) else as_pdf.render(report)
    except as_pdf.CannotBeSet as error:
        log.error("pdf not made", why=str(error))
        return None
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name)
    return File(plain, as_pdf.MIMETYPE, made)
