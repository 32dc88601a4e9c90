"""What changes the tables of reports: asking for charts, keeping their pictures."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import timedelta

from sqlalchemy import delete

from app.directory.models import Contract
from app.extensions import db
from app.kernel import clock
from app.outbox.actions import promise
from app.reports import queries
from app.reports.models import ChartPicture
from app.reports.report import Report

PICTURES_KEPT = timedelta(days=60)
"""Older pictures are thrown away; whoever asks again has them drawn again."""


def promise_charts(contract: Contract, report: Report, marks: Collection[str], language: str) -> bool:
    """Promise that the charts with these marks are drawn; False where it was promised before."""
    # Once a day: after their pictures were thrown away, the same charts can be asked for again.
    wanted = hashlib.sha256(" ".join(sorted(marks)).encode()).hexdigest()[:32]
    made = promise(
        "report.draw",
        agency_id=contract.agency_id,
        key=f"charts:{contract.id}:{wanted}:{clock.now().date().isoformat()}",
        contract_id=contract.id,
        start=report.period.start.isoformat(),
        end=report.period.end.isoformat(),
        as_of=report.as_of.isoformat(),
        language=language,
    )
    return made is not None


def keep_pictures(contract: Contract, drawn: Mapping[tuple[str, str], str]) -> None:
    """Keep charts as they were drawn: (mark, size) → SVG. What another worker has kept meanwhile stays."""
    now = clock.now()
    db.session.execute(delete(ChartPicture).where(ChartPicture.drawn_at < now - PICTURES_KEPT))
    known = queries.drawn_sizes(contract.id, {mark for mark, _size in drawn})
    for (mark, size), svg in drawn.items():
        if (mark, size) not in known:
            db.session.add(
                ChartPicture(
                    agency_id=contract.agency_id, contract_id=contract.id, mark=mark, size=size, svg=svg, drawn_at=now
                )
            )
    db.session.flush()
