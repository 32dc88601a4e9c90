"""A public page: how long the server takes for it, and what it weighs, with as many contracts as there are."""

import statistics
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask

from app.directory.models import Agency, Contract
from app.extensions import db
from app.kernel import clock
from app.kernel.shares import share_of
from app.transparency import actions, queries
from app.web.transactions import begin_writing
from bench.installation import fresh
from bench.page_weight import transferred, weigh

TIMES = 50


@dataclass(frozen=True)
class PublicPage:
    """Seconds of the server for the page, by the clock and of its processor; bytes of page and styles, compressed."""

    contracts: int
    page: float
    processor: float
    weight: int


def measure(folder: Path) -> PublicPage:
    """The page of a month in which every contract is published and nothing of it is hidden."""
    app = fresh(folder)
    with app.app_context():
        contracts, path = publish(app)
    client = app.test_client()
    clock_times, processor_times = [], []
    transferred(client, path)
    for _ in range(TIMES):
        since, worked = time.perf_counter(), time.process_time()
        transferred(client, path)
        clock_times.append(time.perf_counter() - since)
        processor_times.append(time.process_time() - worked)
    weight = max(weigh(app.test_client(), path, code).needed for code in ("en", "zh"))
    return PublicPage(contracts, statistics.median(clock_times), statistics.median(processor_times), weight)


def publish(app: Flask) -> tuple[int, str]:
    """Publish the last month that is over, as if there had been plenty; how many contracts, and where it is."""
    begin_writing()
    agency = db.session.query(Agency).one()
    contracts = [contract.id for contract in db.session.query(Contract)]
    actions.choose(agency.id, contracts, [], 10)
    today = clock.now().date()
    last = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    made = actions.draft(agency, last, member_id=None)
    content = dict(made.content)
    shown = share_of(123, 456).to_json()
    content["contracts"] = [
        {**each, "measures": dict.fromkeys(each["measures"], shown)} for each in content["contracts"]
    ]
    content["all_contracts"] = dict.fromkeys(content["all_contracts"], shown)
    content["weeks"] = [{**each, "measures": dict.fromkeys(each["measures"], shown)} for each in content["weeks"]]
    made.content = content
    actions.approve(made, "Ann Lee", member_id=None, version=made.version)
    db.session.commit()
    slug = queries.publishing()[0][0].slug
    return len(contracts), f"/open/{slug}/{last:%Y-%m}"
