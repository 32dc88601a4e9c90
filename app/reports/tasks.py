"""What the worker calls for reports. Ids in, safe to repeat."""

from datetime import date, datetime

from flask_babel import force_locale

from app.directory.models import Contract
from app.extensions import db
from app.outbox.running import Deed
from app.reports import actions, drawing, queries
from app.reports.charts import SIZES, charts_of
from app.reports.report import build
from app.web.languages import locale_of


def draw(contract_id: int, start: str, end: str, as_of: str, language: str) -> Deed | None:
    """On ``report.draw``: draw the charts of a report that are not drawn yet, outside any transaction; keep them."""
    contract = db.session.get(Contract, contract_id)
    if contract is None:
        return None
    report = build(
        contract,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        as_of=datetime.fromisoformat(as_of),
    )
    with force_locale(locale_of(language)):
        charts = charts_of(report)
    known = queries.drawn_sizes(contract_id, {chart.mark for chart in charts})
    db.session.rollback()
    drawn = {
        (chart.mark, size): drawing.draw(chart.name, chart.data, size)
        for chart in charts
        for size in SIZES
        if (chart.mark, size) not in known
    }
    return lambda: actions.keep_pictures(db.session.get_one(Contract, contract_id), drawn)
