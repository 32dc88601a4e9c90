"""All three sides of a contract in a real browser: one complaint is contested, reopened and in the end confirmed.

After each step every number that is shown, raw and validated, is held against a reckoning from the events alone.
"""

import json
import re
import sqlite3
import time
from calendar import monthrange
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, expect

from tests import reckoning
from tests.browser.conftest import DIRECTORY, WIDE, Place
from tests.browser.deeds import complain, open_case, press, say
from tests.browser.later import put_back
from tests.browser.people import MANAGER, OFFICER, SECOND, STAFF

CONTRACT, SHELTER, STATION = "C-004", "RS-005", "RS-006"
RIVERSIDE = json.loads(DIRECTORY.read_text())
ZONE = ZoneInfo(RIVERSIDE["agency"]["timezone"])
TERMS = next(each for each in RIVERSIDE["contracts"] if each["reference"] == CONTRACT)
CLAUSES = {each["code"]: each for each in TERMS["clauses"]}
HOURS = reckoning.Hours(RIVERSIDE["agency"]["calendar"], ZONE)
UNITS = 40_000
TO_A_DECIMAL = 0.0501
"""Pages round to one decimal."""

SHARES = {
    "Answered in time": "on_time_response_rate",
    "Answered": "response_rate",
    "Resolved in time": "on_time_resolution_rate",
    "Resolved": "resolution_rate",
    "Reopened": "reopen_rate",
    "Rejected": "rejected_rate",
    "Satisfied with the service": "service_satisfaction",
    "Satisfied with the handling": "handling_satisfaction",
    "Negative": "negative_share",
}
COUNTS = {
    "Feedback received": "received",
    "Cases": "cases",
    "Open cases": "open",
    "Overdue cases": "overdue",
    "Unhappy without a case": "unhappy_without_case",
    "Duplicates": "duplicates",
    "Withdrawn": "withdrawn",
}
TIMES = {
    "Working hours to the first response": "response_hours",
    "Working hours to resolution": "resolution_hours",
    "Working hours of the provider to the first response": "provider_response_hours",
}
HANDS = {"Agency": "agency", "Provider": "provider", "Resident, while a question is out": "resident"}
VERDICTS = {
    "Provider": "provider",
    "Agency": "agency",
    "Third party": "third_party",
    "Outside the contract": "outside_contract",
    "Not substantiated": "unsubstantiated",
    "Not judged yet": "unjudged",
}
WORDS = ("confirmed", "contested", "silent", "claimed")
RATINGS = {"Other (too few to judge)": "Other"}

Pages = Callable[..., Page]


@dataclass
class Books:
    """Reckons from the events in the database's file, and compares with what the product shows to each side."""

    file: Path
    officer: Page
    staff: Page

    def all_agree(self, case: str | None = None) -> dict[str, Any]:
        """Check every number as it stands now; what was reckoned."""
        for _ in range(60):
            said = self.read()
            made = self.json(self.officer)
            # What the worker reads between two pages is on one of them only.
            if self.read() == said and not self.number_unread():
                break
            time.sleep(0.5)
        else:
            raise AssertionError("the worker does not come to rest")
        as_of = datetime.fromisoformat(made["as_of"])
        first, last = (date.fromisoformat(made["period"][end]) for end in ("start", "end"))
        expected = reckoned(said, first, last, as_of)
        agree_in_json(made, expected)
        asked = f"?start={first}&end={last}&as_of={made['as_of'].replace('+', '%2B')}"
        agree_in_json(self.json(self.staff, asked), expected)
        for side in (self.officer, self.staff):
            agree_in_report(page_of(side, f"/reports/{CONTRACT}{asked}"), expected)
            self.agree_in_contract(side)
            if case and (side is self.officer or was_given(expected["cases"][case])):
                self.agree_in_case(side, case)
        return expected

    def json(self, side: Page, asked: str = "") -> Any:
        """The report over the last three months, this one whole."""
        today = datetime.now(ZONE).date()
        first = (today.replace(day=1) - timedelta(days=45)).replace(day=1)
        last = today.replace(day=monthrange(today.year, today.month)[1])
        answer = side.request.get(f"/reports/{CONTRACT}.json" + (asked or f"?start={first}&end={last}"))
        assert answer.ok
        return answer.json()

    def agree_in_contract(self, side: Page) -> None:
        """The page to open in a review: this quarter, as it stands now."""
        said, as_of = self.read(), datetime.now(UTC)
        page = page_of(side, f"/contracts/{CONTRACT}")
        if self.read() != said:
            return self.agree_in_contract(side)
        today = as_of.astimezone(ZONE).date()
        first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        last_month = first.month + 2
        last = date(first.year, last_month, monthrange(first.year, last_month)[1])
        expected = reckoned(said, first, last, as_of)
        raw, found = expected["measures"], expected["validated"]
        rows = table(page, "verdicts")
        assert {VERDICTS[name]: number(cells[0]) for name, cells in rows.items()} == found["verdicts"]
        agree_on_hands(page, raw)
        text = " ".join(page.text.split())
        agree_on_judging(text, found)
        replies = raw["provider_response_hours"]
        found_replies = re.search(rf"first response: {WITHIN}(?:; (\d+) cases?)?\.", text)
        assert found_replies, text
        p50, p90, n = found_replies.groups("-")
        assert [number(p50), number(p90), number(n) or 0] == near([replies["p50"], replies["p90"], replies["n"]])
        words = {
            name.split()[0].strip(";").lower(): number(cells[0]) for name, cells in table(page, "last-word").items()
        }
        assert words == {word: raw["last_word"][word] for word in WORDS}
        agree_on_kpis(page, expected, value=2, judged=3, against=4)
        for name, cells in table(page, "months").items():
            month = datetime.strptime(name, "%b %Y").date()
            cases = reckoned(said, month, month.replace(day=monthrange(month.year, month.month)[1]), as_of)
            count = cases["measures"]["cases"]["value"]
            assert number(cells[0]) == count
            if number(cells[1]) is not None:
                assert numbers(cells[1]) == [UNITS]
                assert number(cells[2]) == near(1000 * count / UNITS)
        everything = reckoned(said, date.min, date.max, as_of)["cases"]
        overdue = {reference for reference, case in everything.items() if case.overdue}
        listed = set(table(page, "breaches"))
        known = overdue if side is self.officer else {each for each in overdue if was_given(everything[each])}
        assert listed <= known
        assert len(listed) == min(len(known), 25)

    def agree_in_case(self, side: Page, reference: str) -> None:
        """The hours of one case in each one's hands, its pauses, how often it was reopened."""
        page = page_of(side, f"/cases/{reference}")
        names, values = (page.select(f".govuk-summary-list__{part}") for part in ("key", "value"))
        facts = {name.text.strip(): value.text for name, value in zip(names, values, strict=True)}
        said = next(each for each in self.read() if each.reference == reference)
        case = reckoning.Case(said, HOURS, datetime.now(UTC), 14)
        assert numbers(facts["Working hours"]) == near([case.held["agency"], case.held["provider"]])
        if case.pauses:
            assert numbers(facts["Pauses"]) == near([len(case.pauses), case.held["resident"]])
        assert number(facts.get("Reopened", "0")) == case.reopened

    def number_unread(self) -> int:
        """How many texts the worker is still to read."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute(
                "SELECT count(*) FROM promise WHERE topic IN ('feedback.read', 'answers.read', 'case.propose_clause')"
                " AND done_at IS NULL AND dead_at IS NULL"
            ).fetchone()
        return int(found)

    def read(self) -> list[reckoning.Said]:
        """All that was said and happened under the contract, but what is held for review, from the database's file."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            events: dict[int, list[reckoning.Event]] = {}
            for of, at, *rest in connection.execute(
                "SELECT feedback_id, at, kind, actor, rating, attribution, changed_to FROM event ORDER BY at, id"
            ):
                events.setdefault(of, []).append(reckoning.Event(moment(at), *rest))
            rows = connection.execute(
                "SELECT f.id, f.reference, f.submitted_at, f.kind, f.rating, t.sentiment, t.aspects, s.code, f.channel,"
                " t.is_urgent, EXISTS (SELECT 1 FROM concern o WHERE o.feedback_id = f.id AND o.released_at IS NULL)"
                " FROM feedback f JOIN contract c ON c.id = f.contract_id JOIN site s ON s.id = f.site_id"
                " LEFT JOIN tag t ON t.feedback_id = f.id WHERE c.reference = ? AND NOT f.is_held ORDER BY f.id",
                [CONTRACT],
            ).fetchall()
        return [
            with_its_clause(
                reckoning.Said(
                    reference,
                    moment(at),
                    kind,
                    rating,
                    sentiment,
                    tuple(json.loads(aspects or "[]")),
                    site=site,
                    channel=channel,
                    urgent=bool(urgent),
                    hidden=bool(hidden),
                    events=tuple(events.get(of, ())),
                )
            )
            for of, reference, at, kind, rating, sentiment, aspects, site, channel, urgent, hidden in rows
        ]


@pytest.fixture
def agency_and_provider(place: Place, new_page: Pages) -> Books:
    file = Path(place.environment["ANSWERABLE_VAR"]) / "answerable.db"
    return Books(file, new_page(OFFICER, viewport=WIDE), new_page(STAFF, viewport=WIDE))


def test_a_case_is_contested_reopened_and_confirmed_and_every_number_follows_from_its_events(
    new_page: Pages, agency_and_provider: Books
) -> None:
    books = agency_and_provider
    officer, staff = books.officer, books.staff
    rosa, manager, second = new_page(), new_page(MANAGER, viewport=WIDE), new_page(SECOND, viewport=WIDE)

    def hours_pass(hours: float) -> None:
        put_back(books.file, CONTRACT, timedelta(hours=hours))

    write_down_what_was_delivered(manager)
    rate(new_page(), STATION, "5", "The new shelter is bright and clean. Thank you!")
    books.all_agree()
    vandal = complain(new_page(), STATION, "Somebody broke the bench here again.", email="vera@example.org")
    books.all_agree(vandal)
    # A second person looks at one verdict in ten, by the reference: so many complain until Rosa's is one of them.
    while not is_drawn(mine := complain(rosa, SHELTER, "The bench is broken again.", email="rosa@example.org"), 1):
        pass
    rosa.get_by_role("link", name="See what becomes of it").click()
    track = rosa.url
    open_case(officer, mine)
    books.all_agree(mine)

    hours_pass(5)
    books.all_agree(mine)
    fold(officer, "Give it to Clearway Ltd")
    press(officer, "Give it to the provider")
    books.all_agree(mine)
    hours_pass(4)
    books.all_agree(mine)
    open_case(staff, mine)
    say(staff, "Send as a question; the clock waits", "Which side of the road is it?")
    now = books.all_agree(mine)
    assert now["measures"]["hours_with"]["resident"] == near(0, 0.5)
    hours_pass(30)
    now = books.all_agree(mine)
    assert now["measures"]["hours_with"]["resident"] == near(30, 0.5)

    rosa.goto(track)
    rosa.get_by_label("Your answer").fill("The side of the mill.")
    rosa.get_by_role("button", name="Send").click()
    expect(rosa.get_by_text("Thank you, it has been added.")).to_be_visible()
    books.all_agree(mine)
    hours_pass(6)
    books.all_agree(mine)

    staff.goto(f"/cases/{mine}")
    say(staff, "Say it is resolved", "The pane was replaced.")
    now = books.all_agree(mine)
    assert now["measures"]["last_word"]["claimed"] == 1

    hours_pass(20)
    books.all_agree(mine)
    rosa.goto(f"{track}/reopen")
    rosa.get_by_label("What is still wrong? (optional)").fill("The splinters still lie there.")
    rosa.get_by_role("button", name="Open it again").click()
    expect(rosa.get_by_text("It is open again.").first).to_be_visible()
    now = books.all_agree(mine)
    assert (now["measures"]["last_word"]["contested"], now["measures"]["resolution_rate"]["numerator"]) == (1, 0)

    judge(officer, mine, "Judge", "provider", "The crew left the splinters.")
    now = books.all_agree(mine)
    assert now["validated"]["in_reply"] == 1
    assert now["validated"]["measures"]["cases"]["value"] == 0

    staff.goto(f"/cases/{mine}")
    fold(staff, "We object")
    staff.locator("#object-reason").fill("The pavement is swept by another firm.")
    press(staff, "Send our reply")
    now = books.all_agree(mine)
    assert mine in now["disputed"]

    hours_pass(7)
    books.all_agree(mine)
    judge(officer, mine, "Judge again", "provider", "Splinters of a repair are the contract's.")
    now = books.all_agree(mine)
    assert now["validated"]["measures"]["cases"]["value"] == 1
    assert now["validated"]["judged"]["numerator"] == 1
    officer.reload()
    expect(officer.get_by_text("Drawn for a second look, as one in ten are.")).to_be_visible()

    second.goto(f"/cases/{mine}")
    fold(second, "Look at it as the second person")
    second.get_by_label("Yes", exact=True).check()
    press(second, "Keep what I find")
    now = books.all_agree(mine)
    assert now["validated"]["checked"] == {"same": 1, "otherwise": 0}

    staff.goto(f"/cases/{mine}")
    fold(staff, "Contest the verdict")
    staff.locator("#contest-reason").fill("Clause 1 names the glass alone.")
    press(staff, "Contest")
    now = books.all_agree(mine)
    assert now["validated"]["contested"] == 1

    judge(manager, mine, "Decide", "provider", "The clause names the repair, and all of it.")
    now = books.all_agree(mine)
    assert (now["validated"]["contested"], now["validated"]["verdicts"]["provider"]) == (0, 1)
    judge(officer, vandal, "Judge", "third_party", "The police know who it was.")
    now = books.all_agree(mine)
    assert now["validated"]["verdicts"]["provider"] == now["validated"]["verdicts"]["third_party"] == 1

    hours_pass(50)
    books.all_agree(mine)
    staff.goto(f"/cases/{mine}")
    say(staff, "Say it is resolved", "Swept, all of it.")
    now = books.all_agree(mine)
    assert now["validated"]["measures"]["on_time_resolution_rate"]["numerator"] == 0, (
        "the clock ran on through the first claim"
    )

    hours_pass(15 * 24)
    now = books.all_agree(mine)
    assert now["measures"]["last_word"]["silent"] == 1

    rosa.goto(f"{track}/confirm")
    rosa.get_by_label("4 Good").check()
    rosa.get_by_role("button", name="Yes, it is solved").click()
    expect(rosa.get_by_text("Solved, as you confirmed.")).to_be_visible()
    now = books.all_agree(mine)
    assert now["validated"]["measures"]["last_word"]["confirmed"] == 1
    assert now["validated"]["measures"]["handling_satisfaction"]["numerator"] == 1


def write_down_what_was_delivered(manager: Page) -> None:
    """The units of last month and of this one."""
    today = datetime.now(ZONE).date()
    for month in (today.replace(day=1) - timedelta(days=1), today):
        manager.goto(f"/contracts/{CONTRACT}")
        fold(manager, "Write down a month")
        manager.locator("#deliver-month").fill(f"{month:%Y-%m}")
        manager.locator("#deliver-units").fill(str(UNITS))
        press(manager, "Write it down")


def rate(page: Page, code: str, stars: str, words: str) -> None:
    page.goto(f"/give/{code}")
    page.locator(f'[name=rating][value="{stars}"]').check()
    page.locator("[name=text]").fill(words)
    page.locator("[name=wants_answer][value=no]").check()
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/receipt/**")


def judge(page: Page, reference: str, name: str, whose: str, grounds: str) -> None:
    page.goto(f"/cases/{reference}")
    fold(page, name)
    page.locator(f"#verdict [name=attribution][value={whose}]").check()
    page.locator("#judge-grounds").fill(grounds)
    press(page, "Keep the judgement")


def fold(page: Page, name: str) -> None:
    """Open what is folded away."""
    page.locator("summary").get_by_text(name, exact=True).click()


def is_drawn(reference: str, nth: int) -> bool:
    """Whether a second person looks at the ``nth`` verdict on a feedback."""
    return int.from_bytes(sha256(f"{reference} {nth}".encode()).digest()[:8]) % 10 == 0


def was_given(case: reckoning.Case) -> bool:
    return any(event.kind in ("assigned", "verdict_proposed") for event in case.said.events)


def with_its_clause(said: reckoning.Said) -> reckoning.Said:
    """The contract's first clause, unless it was changed since; its limits."""
    if said.kind != "complaint":
        return said
    changed = [event.changed_to for event in said.events if event.kind == "clause_changed"]
    clause = CLAUSES[changed[-1] if changed and changed[-1] else next(iter(CLAUSES))]
    return replace(
        said,
        clause=clause["code"],
        respond=clause["respond_within_hours"],
        resolve=clause["resolve_within_hours"],
    )


def reckoned(said: list[reckoning.Said], first: date, last: date, as_of: datetime) -> dict[str, Any]:
    """The report over these days, from what was said and happened."""
    cohort = [
        each
        for each in said
        if first <= each.submitted_at.astimezone(ZONE).date() <= last and each.submitted_at <= as_of
    ]
    today = datetime.now(ZONE).date()
    delivered = {today.replace(day=1), (today.replace(day=1) - timedelta(days=1)).replace(day=1)}
    volumes = {month: UNITS for month in delivered if first <= month <= last}
    found = reckoning.report(cohort, HOURS, as_of, volumes=volumes)
    found["kpis"] = {
        kpi["code"]: reckoning.rating(
            kpi, (found["validated"]["measures"] if "basis" in kpi else found["measures"])[kpi["measure"]]
        )
        for kpi in TERMS["kpis"]
    }
    return found


def agree_in_json(made: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every number of the report as it goes to machines."""
    for part in ("measures", "aspects", "validated", "channels"):
        agree(made[part], expected[part], part)
    agree({kpi["code"]: kpi for kpi in made["kpis"]}, expected["kpis"], "kpis", some=True)
    agree({row["code"]: row for row in made["sites"]}, expected["sites"], "sites", some=True)
    clauses = {row["code"]: row for row in made["clauses"] if row["received"]}
    agree(clauses, expected["clauses"], "clauses", some=True)
    weeks = {date.fromisoformat(row["start"]): row for row in made["weeks"] if row["received"]}
    agree(weeks, {each: of for each, of in expected["weeks"].items()}, "weeks", some=True)
    agree(made["outcomes"], expected["measures"]["last_word"], "outcomes")
    assert made["response_curve"]["steps"] == [near(step, 1e-6) for step in expected["curve"]]
    given = {reference for reference, case in expected["cases"].items() if was_given(case)}
    for part in ("disputed", "grave"):
        listed = {each if isinstance(each, str) else each["reference"] for each in made[part]}
        assert listed in (set(expected[part]), set(expected[part]) & given), part


def agree(found: Any, expected: Any, where: str, some: bool = False) -> None:
    """Whether two trees of numbers are the same to a millionth; with ``some``, rows may say more than is reckoned."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys() or (some and where.count("/") and found.keys() & expected.keys()), where
        for key in found.keys() & expected.keys():
            agree(found[key], expected[key], f"{where}/{key}", some)
    elif isinstance(expected, float):
        assert found == near(expected, 1e-6), where
    else:
        assert found == expected, where


def agree_in_report(page: BeautifulSoup, expected: dict[str, Any]) -> None:
    """Every number of the report's page."""
    raw, found = expected["measures"], expected["validated"]
    stats = {}
    for stat in page.select(".app-stat"):
        name = stat.select_one(".app-stat__name").text.strip()  # type: ignore[union-attr]
        stats[name] = [
            " ".join(part.get_text(" ").split()) if (part := stat.select_one(f".app-stat__{which}")) else ""
            for which in ("value", "basis")
        ]
    assert stats.keys() == SHARES.keys() | COUNTS.keys() | TIMES.keys()
    for name, key in COUNTS.items():
        assert number(stats[name][0]) == raw[key]["value"], key
    for name, key in SHARES.items():
        value, basis = stats[name]
        assert number(value) == in_percent(raw[key]["value"]), key
        assert numbers(basis) == near(basis_of(raw[key])), key
    for name, key in TIMES.items():
        value, basis = stats[name]
        assert number(value) == near(raw[key]["p50"]), key
        p90 = [] if raw[key]["p90"] is None else [raw[key]["p90"]]
        assert numbers(basis) == near([raw[key]["n"], raw[key]["censored"], 90, *p90]), key
    agree_on_hands(page, raw)
    assert {VERDICTS[name]: number(cells[0]) for name, cells in table(page, "verdicts").items()} == found["verdicts"]
    for name, cells in table(page, "validated").items():
        for cell, of in zip(cells, (raw, found["measures"]), strict=True):
            share = of[SHARES[name]]
            value = [] if share["value"] is None else [100 * share["value"]]
            assert numbers(cell) == near([*value, *basis_of(share)]), (name, cell)
    agree_on_kpis(page, expected, value=1, validated=2, judged=3, against=4)
    for part, rows in (("sites", table(page, "sites")), ("clauses", table(page, "clauses"))):
        shown = {name.split()[0]: cells for name, cells in rows.items()}
        for code, of in expected[part].items():
            assert [number(cell) for cell in shown[code][:4]] == [
                of[key] for key in ("received", "cases", "open", "overdue")
            ], code
            on_time, negative = of["on_time"], of["negative"]
            interval = [] if on_time["value"] is None else [100 * on_time["low"], 100 * on_time["high"]]
            assert numbers(shown[code][5]) == near(interval), code
            agree_in_short(shown[code][4], on_time)
            agree_in_short(shown[code][6], negative)
    words = raw["last_word"]
    legend = {key: numbers(page.select_one(f".app-bar__key--{key}").text) for key in WORDS if words["n"]}  # type: ignore[union-attr]
    assert legend == {key: [words[key], words["n"]] for key in WORDS if words["n"]}
    text = " ".join(page.text.split())
    agree_on_judging(text, found)
    for name, count in (
        ("Overdue", raw["overdue"]["value"]),
        ("Contested by the resident", words["contested"]),
        ("Unhappy without a case", raw["unhappy_without_case"]["value"]),
    ):
        assert f"{name}: {count}" in text


WITHIN = (
    r"(?:there are no cases|fewer than half are done yet"
    r"|half within (\S+) working hours(?:; fewer than 90 % are done yet|, 90 % within ([\d.,]+?)))"
)
"""By when half and nine in ten were done, as pages say it."""


def agree_on_hands(page: BeautifulSoup, raw: dict[str, Any]) -> None:
    rows = table(page, "hands")
    assert {HANDS[name]: number(cells[0]) for name, cells in rows.items()} == near(raw["hours_with"])


def agree_on_judging(text: str, found: dict[str, Any]) -> None:
    """What is said about how far the agency has come with its verdicts."""
    judged, hours = found["judged"], found["judging_hours"]
    assert re.search(rf"\b{judged['numerator']} of {judged['denominator']} cases ha(s|ve) a verdict\.", text)
    said = re.search(rf"delay in judging: {WITHIN}; cases not judged", text)
    assert said
    assert [number(each) for each in said.groups("-")] == near([hours["p50"], hours["p90"]])
    waits = re.search(r"(\d+) waits? for a reply", text)
    assert int(waits[1] if waits else 0) == found["in_reply"]
    contested = re.search(r"(\d+) (?:is|are) contested", text)
    assert int(contested[1] if contested else 0) == found["contested"]


BY_VERDICT = {kpi["code"] for kpi in TERMS["kpis"] if kpi.get("basis") == "validated"}


def agree_on_kpis(
    page: BeautifulSoup,
    expected: dict[str, Any],
    *,
    value: int,
    judged: int,
    against: int,
    validated: int | None = None,
) -> None:
    """The table of KPIs, by the places of its columns after the first; ``validated`` where that has one of its own."""
    rows = {name.split()[0]: cells for name, cells in table(page, "kpis").items()}
    assert rows.keys() == expected["kpis"].keys()
    for code, of in expected["kpis"].items():
        cells = rows[code]
        at = validated if validated is not None and code in BY_VERDICT else value
        shown = numbers(cells[at])[:1] if of["value"] is not None else []
        assert shown == near([] if of["value"] is None else [100 * of["value"]]), code
        assert f"{of['numerator']} of {of['denominator']}" in " ".join(cells), code
        assert cells[judged].startswith(
            next((shown for shown, name in RATINGS.items() if name == of["rating"]), of["rating"])
        ), code
        assert ("too close to call" in cells[judged]) == (of["rating"] != "Other" and not of["clear"]), code
        says = {"met": "Target met", "missed": "Target missed", "cannot tell": "Cannot tell"}
        assert cells[against].startswith(says[of["target_verdict"]]), code


def agree_in_short(cell: str, share: dict[str, Any]) -> None:
    """A share as tables say it: in percent, or as so many of so many."""
    if share["value"] is None:
        assert cell in ("–", ""), cell
    elif " of " in cell:
        assert numbers(cell)[-2:] == [share["numerator"], share["denominator"]], cell
    else:
        assert number(cell) == pytest.approx(100 * share["value"], abs=0.51), cell


def basis_of(share: dict[str, Any]) -> list[float]:
    """So many of so many, and the interval."""
    interval = [] if share["value"] is None else [100 * share["low"], 100 * share["high"]]
    return [share["numerator"], share["denominator"], *interval]


def table(page: BeautifulSoup, name: str) -> dict[str, list[str]]:
    """The rows of a table by its name: first cell → the others, as one reads them."""
    caption = page.select_one(f"#{name}-caption")
    if caption is None or not isinstance(caption.parent, Tag):
        return {}
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in caption.parent.select("tbody tr")
    ]
    return {row[0]: row[1:] for row in rows}


def page_of(side: Page, address: str) -> BeautifulSoup:
    """A page as that side's browser is given it; not opened, so that no charts are drawn for it."""
    answer = side.request.get(address)
    assert answer.ok, address
    return BeautifulSoup(answer.text(), "html.parser")


def numbers(text: str) -> list[float]:
    return [float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def number(text: str) -> float | None:
    """The first number of a text; none where it says that there is none."""
    return (numbers(text) or [None])[0]  # type: ignore[list-item]


def in_percent(value: float | None) -> Any:
    return None if value is None else near(100 * value)


def near(value: Any, within: float = TO_A_DECIMAL) -> Any:
    if isinstance(value, list) and None in value:
        return [near(each, within) for each in value]
    return value if value is None else pytest.approx(value, abs=within)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
