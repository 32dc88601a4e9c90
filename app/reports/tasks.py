"""What the worker calls for reports. Ids in, safe to repeat."""

from datetime import date, datetime

from flask_babel import force_locale

from app.directory.models import Agency, Contract, Provider
from app.extensions import db
from app.kernel.periods import Period
from app.mail.postman import deliver
from app.measures.rollup import days_in_brief
from app.outbox.running import Deed
from app.reports import actions, drawing, issued_overview, letters, queries
from app.reports.charts import SIZES, Chart, charts_of, overview_charts_of
from app.reports.issued import files_of
from app.reports.models import IssuedOverview, IssuedReport
from app.reports.overview import gather_overview
from app.reports.peers import chart_of, funnel_of
from app.reports.queries import Readers
from app.reports.report import glance
from app.reports.rules import ReportState
from app.web.languages import locale_of


def draw(
    contract_id: int | None,
    start: str,
    end: str,
    as_of: str,
    language: str,
    of: str = "report",
    provider_id: int | None = None,
    for_agency_id: int | None = None,
) -> Deed | None:
    """On ``report.draw``: draw the charts of a report, its peers or an overview that are not drawn yet; keep them.

    Drawing happens outside any transaction.
    """
    contract = db.session.get(Contract, contract_id) if contract_id is not None else None
    agency = contract.agency if contract else db.session.get(Agency, for_agency_id or 0)
    if agency is None or (contract is None and of != "overview"):
        return None
    readers = Readers(agency.id, contract_id, provider_id)
    period = Period(date.fromisoformat(start), date.fromisoformat(end), agency.timezone)
    with force_locale(locale_of(language)):
        charts = _charts(readers, contract, agency, period, datetime.fromisoformat(as_of), of)
    known = queries.drawn_sizes(readers, {chart.mark for chart in charts})
    db.session.rollback()
    drawn = {
        (chart.mark, size): drawing.draw(chart.name, chart.data, size)
        for chart in charts
        for size in SIZES
        if (chart.mark, size) not in known
    }
    return lambda: actions.keep_pictures(readers, drawn)


def _charts(
    readers: Readers, contract: Contract | None, agency: Agency, period: Period, as_of: datetime, of: str
) -> tuple[Chart, ...]:
    """The charts that are asked for, in the language that is spoken."""
    if contract is None:
        provider = db.session.get(Provider, readers.provider_id) if readers.provider_id else None
        contracts = queries.contracts_told(agency.id, readers.provider_id)
        made = gather_overview(
            agency,
            contracts,
            provider=provider,
            start=period.start,
            end=period.end,
            as_of=as_of,
            source=days_in_brief,
        )
        return overview_charts_of(made.report)
    if of == "peers":
        funnel = funnel_of(contract, period, as_of)
        return (chart_of(funnel, contract.reference),) if funnel else ()
    return charts_of(glance(contract, start=period.start, end=period.end, as_of=as_of))


def print_files(issued_report_id: int) -> Deed | None:
    """On ``report.print``: make the files of an issued report from what was frozen, and keep them."""
    report = db.session.get(IssuedReport, issued_report_id)
    if report is None or report.state != ReportState.ISSUED:
        return None
    files = files_of(report)
    db.session.rollback()
    return lambda: actions.keep_files(issued_report_id, files)


def print_overview_files(issued_overview_id: int) -> Deed | None:
    """On ``report.print_overview``: make the files of an issued report of several contracts, and keep them."""
    made = db.session.get(IssuedOverview, issued_overview_id)
    if made is None:
        return None
    files = issued_overview.files_of(made)
    db.session.rollback()
    return lambda: actions.keep_overview_files(issued_overview_id, files)


def ask(issued_report_id: int, member_id: int) -> None:
    """On ``report.ask``: tell one of the provider's staff that a draft waits for its statement."""
    letter = letters.statement_asked(issued_report_id, member_id)
    db.session.rollback()
    if letter is not None:
        deliver(letter)
