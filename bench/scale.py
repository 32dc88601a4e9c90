"""Reports over a full database, on SQLite and on PostgreSQL, beside plain scans of the same question.

Each database is measured by a process of its own (``python -m bench.scale``), so that its memory says something.
"""

import argparse
import gc
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple

import duckdb
import numpy
from flask import Flask, current_app
from sqlalchemy import func, select, text

from app.cases.rules import HeldBy, InboxView, Stand
from app.config import ROOT
from app.directory.models import Contract
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.periods import quarter_before, quarter_of
from app.measures import actions, rollup
from app.measures.models import ContractDay
from app.reports import drawing
from app.reports.actions import keep_pictures
from app.reports.charts import SIZES, charts_of
from app.reports.counting import Span, count
from app.reports.queries import Readers
from app.reports.report import build, glance
from app.transparency import queries as transparency
from app.web.transactions import begin_writing
from bench import public_page
from bench.memory import proportional_kilobytes
from bench.report_speed import manager
from bench.scale_data import kept

INBOX = (
    *(f"view={view}" for view in InboxView),
    *(
        f"view=all&{each}"
        for each in ("contract=1", "site=1", "sentiment=negative", "kind=suggestion", "channel=phone")
    ),
    *(f"view=all&stand={stand}" for stand in Stand),
    *(f"view=all&held_by={each}" for each in HeldBy),
    *(f"view=all&{each}=y" for each in ("urgent", "unsure", "disagreeing", "concerning")),
    *(f"view=all&words={each}" for each in ("bin+emptied", "word77", "nobody+has+written+this")),
    "view=all&assignee=1",
    "view=unread&contract=1",
    "view=overdue&contract=1&sentiment=negative",
)
"""A manager's inbox: each view, and each way to narrow it."""

FOLDER = ROOT / "var" / "bench"
FEW, MANY = 100_000, 1_000_000

SCAN = """
    SELECT contract_id, week, count(*), avg(rating), sum(CASE WHEN sentiment = 'negative' THEN 1 ELSE 0 END),
           count(hours), {quantile}
    FROM scan GROUP BY contract_id, week ORDER BY contract_id, week
"""
"""The same question, as plainly as it can be asked: feedback, rating, tone and time to respond by contract and week."""

QUANTILES = {
    "duckdb": "quantile_cont(hours, [0.5, 0.9])",
    "postgresql": "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY hours)",
}
FLAT = """
    SELECT f.contract_id, {week} AS week, f.rating, t.sentiment, {hours} AS hours
    FROM feedback f LEFT JOIN tag t ON t.feedback_id = f.id LEFT JOIN "case" c ON c.feedback_id = f.id
"""


class Timed(NamedTuple):
    """Seconds by the clock, and of the processor of the process that answers and of those that it starts: medians.

    PostgreSQL has its own.
    """

    clock: float
    processor: float


@dataclass(frozen=True)
class Scale:
    """What one database of so many feedback gave in so many ``rounds``, and kilobytes of memory."""

    database: str
    feedback: int
    days: int
    counted_in: float
    in_report: int
    page: Timed
    page_now: Timed
    whole: Timed
    json: Timed
    overview: Timed
    figures: Timed
    chart: Timed
    chart_kept: Timed
    pdf: Timed
    open: Timed
    # The page of a contract; the inbox, whichever of its views or filters takes longest, and which that is.
    contract: Timed
    inbox: Timed
    slowest_inbox: str
    # How many times as long the page takes as over a tenth of the feedback, one in turn with the other.
    growth: Timed | None
    kilobytes_before: int
    kilobytes_after: int
    duckdb: Timed | None
    postgresql: Timed | None
    rounds: int


def measure(rounds: int, feedback: int) -> Iterator[Scale]:
    """SQLite, then PostgreSQL; each with a tenth of the feedback, then with all of it."""
    for server in ([], [sys.executable, "bin/with-postgres", "--keep", str(FOLDER / "postgresql")]):
        for number in (feedback // 10, feedback):
            command = [*server, sys.executable, "-m", "bench.scale", str(number), str(feedback // 10), str(rounds)]
            told = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
            done = subprocess.run(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)} ended with status {done.returncode}")
            found = json.loads(done.stdout.splitlines()[-1])
            yield Scale(**{name: Timed(*each) if isinstance(each, list) else each for name, each in found.items()})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="One database; one line of JSON.")
    parser.add_argument("feedback", type=int)
    parser.add_argument("first", type=int)
    parser.add_argument("rounds", type=int)
    asked = parser.parse_args()
    apps = [
        kept(FOLDER, feedback, asked.first, os.environ.get("TEST_DATABASE_URL"))
        for feedback in sorted({asked.feedback, asked.first}, reverse=True)
    ]
    print(json.dumps(asdict(of(apps[0], asked.feedback, asked.rounds, *apps[1:]))))


def of(app: Flask, feedback: int, rounds: int, tenth: Flask | None = None) -> Scale:
    """Everything about one database; ``tenth``: the one that it is compared with."""
    with app.app_context():
        contract = db.session.scalars(select(Contract).order_by(Contract.id)).first()
        assert contract is not None
        contracts = list(db.session.scalars(select(Contract.id)))
        # As of the moment at which it was made: a database that is kept grows no older.
        now = db.session.scalar(select(func.max(Feedback.submitted_at))) or clock.now()
        quarter = quarter_before(quarter_of(now, contract.agency.timezone))
        span, contract_id = Span(quarter, now), contract.id
        counted_in = _keep_days(span)
        within = Feedback.submitted_at.between(quarter.since, quarter.until)
        in_report = db.session.scalar(select(func.count()).where(Feedback.contract_id == contract.id, within)) or 0
        days = db.session.scalar(select(func.count()).select_from(ContractDay)) or 0
        reference = contract.reference
        address, asked = f"/reports/{reference}", f"?start={quarter.start}&end={quarter.end}"
        dates = {"start": quarter.start, "end": quarter.end, "as_of": now}
        db.session.remove()
    fetch = _reader(app)
    gc.collect()
    gc.freeze()

    def inside(deed: Callable[[], Any]) -> Timed:
        def timed() -> None:
            with app.app_context():
                deed()
                db.session.remove()

        return middle(timed, rounds)

    with clock.set_to(now):
        fetch(f"{address}{asked}")
        before = proportional_kilobytes(os.getpid())
        page = middle(lambda: fetch(f"{address}{asked}"), rounds)
        page_now = middle(lambda: fetch(address), rounds)
        as_json = middle(lambda: fetch(f"{address}.json{asked}"), rounds)
        overview = middle(lambda: fetch(f"/reports{asked}"), rounds)
        review = middle(lambda: fetch(f"/contracts/{reference}"), rounds)
        slowest, inbox = _slowest(fetch, [f"/inbox?{each}" for each in INBOX], min(rounds, 5))
        figures = inside(lambda: count(contracts, span, rollup.days_in_brief))
        after = proportional_kilobytes(os.getpid())
        whole = inside(lambda: build(db.session.get_one(Contract, contract_id), **dates))
        with app.app_context():
            chart, pictures = _draw(contract_id, dates, rounds)
        path, mark = next(iter(pictures))
        chart_kept = middle(lambda: fetch(f"{address}/charts/{path}.svg?mark={mark}&size=wide"), rounds)
        pdf = middle(lambda: fetch(f"{address}.pdf{asked}"), min(rounds, 5))
        growth = _growth(fetch, _reader(tenth), f"{address}{asked}", rounds) if tenth else None
    with app.app_context():
        name = db.engine.dialect.name
        public = _public()
        scans = _scans(rounds)
    return Scale(
        database=name,
        feedback=feedback,
        days=days,
        counted_in=counted_in,
        in_report=in_report,
        page=page,
        page_now=page_now,
        whole=whole,
        json=as_json,
        overview=overview,
        figures=figures,
        chart=chart,
        chart_kept=chart_kept,
        pdf=pdf,
        open=middle(lambda: fetch(public), rounds),
        contract=review,
        inbox=inbox,
        slowest_inbox=slowest,
        growth=growth,
        kilobytes_before=before,
        kilobytes_after=after,
        rounds=rounds,
        **scans,
    )


def _reader(app: Flask) -> Callable[[str], None]:
    """Fetches pages for a manager of the agency, all of whose days are kept."""
    with app.app_context():
        cookie = manager(db.session.scalars(select(Contract.agency_id).order_by(Contract.id)).first() or 0)
        db.session.remove()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": cookie, "_fresh": True, "fs_cc": "set", "fs_paa": 0})

    def fetch(path: str) -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: status {response.status_code}")

    return fetch


def _slowest(fetch: Callable[[str], None], paths: Iterable[str], rounds: int) -> tuple[str, Timed]:
    """The page that takes longest: PostgreSQL's own work is in the clock alone, so by that."""
    taken = {path: middle(partial(fetch, path), rounds) for path in paths}
    slowest = max(taken, key=lambda path: taken[path].clock)
    return slowest, taken[slowest]


def _growth(many: Callable[[str], None], few: Callable[[str], None], path: str, rounds: int) -> Timed:
    """How many times as long a page takes over many as over few: the median of pairs, one right after the other."""
    pairs = [(middle(lambda: many(path), 1), middle(lambda: few(path), 1)) for _ in range(rounds)]
    return Timed(
        statistics.median(one.clock / other.clock for one, other in pairs),
        statistics.median(one.processor / other.processor for one, other in pairs),
    )


def middle(deed: Callable[[], Any], rounds: int) -> Timed:
    """How long it takes; a first time, which may load what is loaded once, is not counted."""
    deed()
    taken = []
    for _ in range(rounds):
        began, worked = time.perf_counter(), _worked()
        deed()
        taken.append((time.perf_counter() - began, _worked() - worked))
    return Timed(*(statistics.median(each) for each in zip(*taken, strict=True)))


def _worked() -> float:
    """Seconds of the processor so far, with those of processes that were started and have ended."""
    ours, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime


def _keep_days(span: Span) -> float:
    """Count the days that a report of that time looks at, where they are not kept yet; the seconds it took."""
    began = time.perf_counter()
    for nth, contract in enumerate(db.session.scalars(select(Contract).order_by(Contract.id)).all()):
        # Of one contract all: its own page goes back further than a report.
        days = [day for day in rollup.missing_days(contract, span.as_of) if span.trend.start <= day or nth == 0]
        for begin in range(0, len(days), 50):
            rows = rollup.rows_of(contract, days[begin : begin + 50])
            begin_writing()
            actions.put(rows, anyway=False)
            db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    return time.perf_counter() - began


def _draw(contract_id: int, dates: dict[str, Any], rounds: int) -> tuple[Timed, list[tuple[str, str]]]:
    """How long the slowest chart takes, and name and mark of each, which are kept."""
    contract = db.session.get_one(Contract, contract_id)
    with current_app.test_request_context():
        charts = charts_of(glance(contract, **dates))
    slowest = max(
        middle(partial(drawing.draw, chart.name, chart.data, size), min(rounds, 5))
        for chart in charts
        for size in SIZES
    )
    begin_writing()
    keep_pictures(
        Readers(contract.agency_id, contract_id, None),
        {(chart.mark, size): drawing.draw(chart.name, chart.data, size) for chart in charts for size in SIZES},
    )
    db.session.commit()
    return slowest, [(chart.name, chart.mark) for chart in charts]


def _public() -> str:
    """The page of the month that is published last; published now where none is."""
    if not transparency.publishing():
        public_page.publish(current_app)
    agency, month = transparency.publishing()[0]
    return f"/open/{agency.slug}/{month:%Y-%m}"


def _scans(rounds: int) -> dict[str, Timed | None]:
    """The question of ``SCAN`` over a flat copy of the feedback, whole in memory: the least that it can cost."""
    name = db.engine.dialect.name
    if name == "postgresql":
        connection = db.session.connection()
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE scan ON COMMIT DROP AS "
            + FLAT.format(
                week="floor(extract(epoch FROM f.submitted_at) / 604800)::int",
                hours="(extract(epoch FROM c.first_response_at - f.submitted_at) / 3600)::float8",
            )
        )
        connection.exec_driver_sql("ANALYZE scan")
        question = SCAN.format(quantile=QUANTILES["postgresql"])
        seconds = middle(lambda: connection.exec_driver_sql(question).all(), min(rounds, 5))
        db.session.rollback()
        return {"duckdb": None, "postgresql": seconds}
    rows = (
        db.session.connection()
        .exec_driver_sql(
            FLAT.format(
                week="CAST(strftime('%s', f.submitted_at) AS INTEGER) / 604800",
                hours="(julianday(c.first_response_at) - julianday(f.submitted_at)) * 24",
            )
        )
        .all()
    )
    columns = dict(zip(("contract_id", "week", "rating", "sentiment", "hours"), zip(*rows, strict=True), strict=True))
    memory = duckdb.connect()
    memory.register(
        "rows",
        {
            "contract_id": numpy.array(columns["contract_id"], dtype="int32"),
            "week": numpy.array(columns["week"], dtype="int32"),
            "rating": numpy.array(columns["rating"], dtype="int16"),
            "sentiment": numpy.array(columns["sentiment"], dtype="object"),
            "hours": numpy.array([math.nan if each is None else each for each in columns["hours"]], dtype="float64"),
        },
    )
    memory.execute(
        "CREATE TABLE scan AS SELECT contract_id, week, rating, sentiment,"
        " CASE WHEN isnan(hours) THEN NULL ELSE hours END AS hours FROM rows"
    )
    question = SCAN.format(quantile=QUANTILES["duckdb"])
    return {"duckdb": middle(lambda: memory.execute(question).fetchall(), min(rounds, 5)), "postgresql": None}


if __name__ == "__main__":
    main()
