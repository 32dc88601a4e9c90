"""What the worker calls for reports. Ids in, safe to repeat."""

from datetime import date, datetime

from flask_babel import force_locale

from app.directory.models import Contract
from app.extensions import db
from app.kernel.periods import Period
from app.mail.postman import deliver
from app.outbox.running import Deed
from app.reports import actions, drawing, letters, queries
from app.reports.charts import SIZES, Chart, charts_of
from app.reports.issued import files_of
from app.reports.models import IssuedReport
from app.reports.peers import chart_of, funnel_of
from app.reports.report import glance
from app.reports.rules import ReportState
from app.web.languages import locale_of


def draw(contract_id: int, start: str, end: str, as_of: str, language: str, of: str = "report") -> Deed | None:
    """On ``report.draw``: draw the charts of a report, or of its peers, that are not drawn yet; keep them.

    Drawing happens outside any transaction.
    """
    contract = db.session.get(Contract, contract_id)
    if contract is None:
        return None
    charts: tuple[Chart, ...]
    moment = datetime.fromisoformat(as_of)
    with force_locale(locale_of(language)):
        if of == "peers":
            period = Period(date.fromisoformat(start), date.fromisoformat(end), contract.agency.timezone)
            funnel = funnel_of(contract, period, moment)
            charts = (chart_of(funnel, contract.reference),) if funnel else ()
        else:
            charts = charts_of(
                glance(contract, start=date.fromisoformat(start), end=date.fromisoformat(end), as_of=moment)
            )
    known = queries.drawn_sizes(contract_id, {chart.mark for chart in charts})
    db.session.rollback()
    drawn = {
        (chart.mark, size): drawing.draw(chart.name, chart.data, size)
        for chart in charts
        for size in SIZES
        if (chart.mark, size) not in known
    }
    return lambda: actions.keep_pictures(db.session.get_one(Contract, contract_id), drawn)


def print_files(issued_report_id: int) -> Deed | None:
    """On ``report.print``: make the files of an issued report from what was frozen, and keep them."""
    report = db.session.get(IssuedReport, issued_report_id)
    if report is None or report.state != ReportState.ISSUED:
        return None
    files = files_of(report)
    db.session.rollback()
    return lambda: actions.keep_files(issued_report_id, files)


def ask(issued_report_id: int, member_id: int) -> None:
    """On ``report.ask``: tell one of the provider's staff that a draft waits for its statement."""
    letter = letters.statement_asked(issued_report_id, member_id)
    db.session.rollback()
    if letter is not None:
        deliver(letter)
