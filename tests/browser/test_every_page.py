"""Every page, on a phone and on a desk, in each of its languages: usable by all, nothing cut off, nothing broken.

``CONTACT_SHEETS=folder`` keeps a picture of each.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from app import create_app
from app.web.languages import OF_MEMBERS, OF_RESIDENTS, RIGHT_TO_LEFT
from tests.browser.conftest import NARROW, WIDE, Place, next_monday_at_nine, open_page
from tests.browser.deeds import answer_all, complain, has, link_in, open_case, press, say
from tests.browser.mails import letter, photo
from tests.browser.people import ADMINISTRATOR, MANAGER, OFFICER, PASSWORD, STAFF

SECONDS_TO_PRINT = 60

RESIDENT, VISITOR, HALFWAY = "resident", "", "halfway"
"""The first two have no account, a visitor stands at a door of members or of providers; the third has typed a password,
and is asked for the second step."""

# Who looks → what they look at; in braces what the world below made.
PAGES = {
    RESIDENT: {
        "home": "/",
        "home-found": "/?q=market",
        "home-nothing-found": "/?q=nowhere",
        "give": "/give/RS-001",
        "give-several-services": "/give/RS-003",
        "give-own-questions": "/give/RS-004",
        "give-easy": "/give/RS-004?easy=y",
        "track-answers": "{track_answers}",
        "receipt": "{receipt}",
        "find": "/track",
        "track-open": "{track_open}",
        "track-solved": "{track_solved}",
        "confirm": "{track_solved}/confirm",
        "reopen": "{track_solved}/reopen",
        "withdraw": "{track_open}/withdraw",
        "withdraw-contact": "{track_open}/contact",
        "erase": "{track_open}/erase",
        "unknown-code": "/give/NOWHERE",
        "offline": "/offline",
        "accessibility": "/accessibility",
        "not-found": "/nowhere",
        "link-unknown": "/track/nobody-has-this",
        "receipt-over": "/receipt/nobody-has-this",
        "open": "/open/",
        "open-month": "{open_month}",
    },
    VISITOR: {
        "sign-in": "/sign-in",
        "forgotten-password": "/forgotten-password",
        "new-password": "{new_password}",
        "invitation": "{invitation}",
        "unsubscribe": "{unsubscribe}",
        "provider-link": "{provider_link}",
        "provider-link-over": "{provider_link_over}",
    },
    HALFWAY: {
        "sign-in-code": "/sign-in/code",
        "sign-in-recovery": "/sign-in/recovery",
    },
    OFFICER: {
        "inbox": "/inbox?view=all",
        "inbox-empty": "/inbox?words=zebra",
        "held": "/held",
        "held-set-aside": "/held?view=set_aside",
        "case-open": "/cases/{open}",
        "merge": "/cases/{open}/duplicate?of={solved}",
        "case-solved": "/cases/{solved}",
        "case-safeguarding": "/cases/{hidden}",
        "case-answers": "/cases/{answers}",
        "check-tags": "/tags",
        "contracts": "/contracts",
        "contract": "/contracts/C-001",
        "contract-empty": "/contracts/C-002",
        "figures": "/contracts/C-001/figures",
        "figures-empty": "/contracts/C-002/figures",
        "inbox-to-judge": "/inbox?view=to_judge",
        "inbox-verdicts": "/inbox?view=verdicts",
        "site": "/sites/RS-003",
        "posters": "/contracts/C-001/posters",
        "by-phone": "/by-phone",
        "by-phone-form": "/by-phone/RS-003",
        "hotline": "/hotline",
        "sites": "/sites",
        "sites-nothing-found": "/sites?q=zebra",
        "by-phone-taken-in": "{taken_in}",
        "reports": "/reports",
        "reports-provider": "/reports?provider=clearway",
        "reports-empty": "/reports?start=2020-01-01&end=2020-01-31",
        "reports-wrong-period": "/reports?start=2026-02-01&end=2026-01-31",
        "reports-cases": "/reports/-/cases?of=received",
        "report": "/reports/C-001",
        "report-empty": "/reports/C-002?start=2026-01-01&end=2026-01-31",
        "report-cases": "/reports/C-001/cases?of=received",
        "report-answers": "/reports/C-003",
        "report-topics": "/reports/C-001/topics",
        "report-peers": "/reports/C-001/peers",
        "reports-issued": "/reports/C-001/issued",
        "weekly-email": "/weekly-email",
        "weekly-email-preview": "/weekly-email/preview",
        "undelivered": "/undelivered",
        "mail": "/mail",
        "inbox-to-call": "/inbox?view=to_call",
        "inbox-photos": "/inbox?view=photos",
        "account": "/account",
        "password": "/account/password",
        "two-steps": "/account/two-steps",
        "forbidden": "/members",
    },
    MANAGER: {
        "members": "/members",
        "invite": "/members/invite",
        "member": "{member}",
        "invited": "{invited}",
        "duty": "/duty",
        "import": "/directory/import",
        "settings": "/settings",
        "mailboxes": "/mailboxes",
        "phrases": "/phrases",
        "phrase": "/phrases/1",
        "new-phrase": "/phrases/new",
        "report-draft": "{draft}",
        "report-issued": "{issued}",
        "reports-issued-of-a-provider": "{overview}",
        "evidence-pack": "{pack}",
        "evidence-pack-notice": "{pack_notice}",
        "publications": "/publications",
        "publication": "{publication}",
        "contract-manager": "/contracts/C-001",
        "terms": "/contracts/C-001/terms",
        "clause": "/contracts/C-001/clauses/2",
        "kpi": "/contracts/C-001/kpis/K2",
        "kpi-name": "/contracts/C-001/kpis/E1/rename",
        "new-kpi": "/contracts/C-001/new-kpi",
        "new-contract": "/contracts/new",
        "change-contract": "/contracts/C-001/change",
        "new-clause": "/contracts/C-001/new-clause",
        "change-clause": "/contracts/C-001/clauses/2/change",
        "new-site": "/sites/new",
        "change-site": "/sites/RS-003/change",
        "site-of-contract": "/contracts/C-001/new-site",
        "days-at-site": "{placing}",
        "sheets": "/directory/sheets",
        "sheet": "/directory/sheets/kpis",
        "calendar": "/calendar",
        "calendar-contract": "/contracts/C-001/calendar",
        "calendar-clause": "/contracts/C-001/clauses/2/calendar",
        "inbox-decide": "/inbox?view=decide",
        "watch": "/watch",
        "watch-thresholds": "/watch/thresholds",
        "case-manager": "/cases/{open}",
        "audit": "/audit",
        "audit-narrowed": "/audit?verb=added&case={open}",
        "people": "/people",
        "retention": "/retention",
        "questions": "/questions",
        "questions-none": "/contracts/C-002/questions",
        "questions-draft": "/contracts/C-003/questions",
        "question-choice": "/contracts/C-003/questions/new?kind=choice",
        "question-drivers": "/contracts/C-003/questions/drive234",
        "questions-publish": "/contracts/C-003/questions/publish",
        "questions-preview": "/contracts/C-003/questions/preview",
        "questions-preview-form": "/contracts/C-003/questions/preview/form",
    },
    STAFF: {
        "inbox-provider": "/inbox",
        "case-provider": "/cases/{open}",
        "report-provider": "/reports/C-001",
        "reports-of-a-provider": "/reports",
        "report-statement": "{draft}",
        "contract-provider": "/contracts/C-001",
    },
    ADMINISTRATOR: {
        "members-administrator": "/members",
        "members-two-steps": "/members/two-steps",
        "mailboxes-administrator": "/mailboxes",
        "audit-administrator": "/audit",
        "two-steps-on": "/account/two-steps",
    },
}
EXPECTED = {
    "reports-wrong-period": 422,
    "provider-link-over": 410,
    "unknown-code": 404,
    "not-found": 404,
    "link-unknown": 404,
    "receipt-over": 404,
    "forbidden": 403,
}
ALL = [
    (who, name, language)
    for who, pages in PAGES.items()
    for name in pages
    for language in (OF_RESIDENTS if who == RESIDENT else OF_MEMBERS)
]

NO_PAGES = {
    # Files, pictures and what programs read.
    "analysis.training_data",
    "cases.photo",
    "directory.example",
    "hotline.template",
    "sheets.everything",
    "sheets.template",
    "directory.export",
    "links.photo",
    "mailroom.photo",
    "offline.manifest",
    "offline.worker",
    "outbox.status",
    "posters.file_of_contract",
    "posters.file_of_site",
    "reports.chart",
    "reports.issued_file",
    "overviews.chart",
    "overviews.file",
    "overviews.issued_file",
    "resident.photo",
    "resident.receipt_picture",
    "resident.staged_photo",
    "reviews.file",
    "reviews.pack_file",
    "security.static",
    "static",
    "transparency.file",
    # Ways to another page.
    "accounts.start",
    "resident.short_no",
    "resident.short_track",
    "resident.short_yes",
    "resident.near",  # its answer, which comes by POST: test_near
    "transparency.latest",
    # Shut: see UNUSED in accounts.signing_in.
    "security.mf_recovery_codes",
    "security.tf_select",
    "security.two_factor_rescue",
    "security.two_factor_setup",
}


@pytest.fixture(scope="module")
def world(place: Place, chromium: Browser) -> dict[str, str]:
    """Something to look at: a case with the provider, a solved one, an invitation, a link in a weekly letter."""
    made: dict[str, str] = {}
    resident = open_page(chromium, place)
    said = {
        "open": "The bins overflow and smell; nobody came since Friday. Call me on 0131 496 0000.",
        "hidden": "The sweeper pushed my daughter, she bled. Nobody has said sorry.",
        "solved": "集市广场的垃圾三天没有清运，气味很大，垃圾车也没有来，打过电话也没有人接听。",
    }
    for name, words in said.items():
        made[name] = complain(resident, "RS-001", words, email=f"{name}@example.org")
        made["receipt"] = resident.url
        resident.locator("main a[href*='/track/']").click()
        made[f"track_{name}"] = resident.url.partition("?")[0]

    place.run("tests.browser.questions", "draft")
    made["answers"] = answer_all(resident)
    resident.locator("main a[href*='/track/']").click()
    made["track_answers"] = resident.url.partition("?")[0]

    officer = open_page(chromium, place, OFFICER)
    open_case(officer, made["answers"])
    open_case(officer, made["hidden"])
    concern = officer.get_by_text("Mark as a safeguarding concern", exact=True)
    if concern.count():
        concern.click()
        officer.locator("#concern-reason").fill("An accused worker")
        officer.locator("#concern-is_sure").check()
        press(officer, "Mark it as a concern")
    open_case(officer, made["solved"])
    say(officer, "Say it is resolved", "已于今天上午清运完毕，并安排专人每日巡查。")
    officer.get_by_text("Judge", exact=True).click()
    officer.locator("[name=attribution][value=third_party]").check()
    officer.locator("[name=grounds]").fill("The market left it there.")
    press(officer, "Keep the judgement")
    open_case(officer, made["open"])
    say(officer, "Send answer", "A crew comes tomorrow morning.")
    officer.locator("summary").get_by_text("Give it to Clearway Ltd").click()
    press(officer, "Give it to the provider")
    officer.get_by_text("Judge", exact=True).click()
    officer.locator("[name=attribution][value=provider]").check()
    officer.locator("[name=grounds]").fill("The crew of Saturday did not come.")
    press(officer, "Keep the judgement")
    for name in ("provider_link_over", "provider_link"):  # the second ends the first
        officer.get_by_text("Send a link to" if name == "provider_link_over" else "Send a new link").click()
        officer.locator("#link-email").fill(f"{name.replace('_', '-')}@clearway.example")
        press(officer, "Send the link")
        made[name] = link_in(place.letter(f"{name.replace('_', '-')}@clearway.example"), "provider")
    review(officer)
    place.flask("mail", "add", "all@riverside.example", "--agency", "riverside")
    place.receive("all@riverside.example", letter("The lamp at the corner is broken.", photo()))

    officer.goto("/weekly-email")
    officer.get_by_label("Street cleaning").check()
    press(officer, "Save")

    place.run("tests.browser.sample")

    manager = open_page(chromium, place, MANAGER)
    manager.goto("/contracts/C-001")
    made["placing"] = manager.locator("main a[href*='/sites/'][href*='agency=']").first.get_attribute("href") or ""
    manager.goto("/members/invite")
    manager.get_by_label("E-mail address").fill("new@riverside.example")
    manager.get_by_label("Viewer").check()
    press(manager, "Send the invitation")
    manager.goto("/members")
    made["invited"] = manager.get_by_role("link", name="new@riverside.example").get_attribute("href") or ""
    made["member"] = manager.locator("main a[href*='/members/']", has_text="Officer").first.get_attribute("href") or ""
    made["invitation"] = link_in(place.letter("new@riverside.example"), "invitation")

    manager.goto("/watch/thresholds")
    manager.locator("#quick_cases").fill("1")
    press(manager, "Save")
    manager.goto("/reports/C-001")
    press(manager, "Freeze it as a draft to be issued")
    press(manager, "Send it to the provider for its statement")
    made["draft"] = manager.url.removeprefix(place.url)

    manager.goto("/publications")
    for contract in manager.locator("[name=published]").all():
        contract.check()
    press(manager, "Keep this choice")
    press(manager, "Draft it")
    press(manager, "Approve and publish")
    made["publication"] = manager.url.removeprefix(place.url)
    made["open_month"] = manager.get_by_role("link", name="The public page").get_attribute("href") or ""

    staff = open_page(chromium, place, STAFF)
    made["issued"] = issue(manager, staff, days=40)
    made["pack"] = pack_of(made["issued"])
    issue(manager, staff, days=40, contract="C-003")
    manager.goto(f"/reports?provider=clearway&{last(40)}")
    press(manager, "Issue it, put together from the reports of each")
    made["overview"] = manager.url
    manager.goto(made["pack"])
    press(manager, "Make the evidence pack")
    manager.goto("/contracts/C-001/terms")
    manager.locator("[name=value]").fill("6000000")
    manager.locator("[name=currency]").fill("GBP")
    manager.locator("main form button[type=submit]").first.click()
    made["pack_notice"] = pack_of(issue(manager, staff, days=60))

    officer.goto("/by-phone/RS-003")
    officer.locator('[name=rating][value="4"]').check()
    officer.locator("[name=text]").fill("The crew was kind on the phone.")
    if officer.locator("[name=service]").count():
        officer.locator("[name=service]").first.check()
    officer.locator("main form button[type=submit]").last.click()
    officer.wait_for_url("**/by-phone/taken-in/**")
    made["taken_in"] = officer.url

    resident.goto("/forgotten-password")
    resident.locator("[name=email]").fill(OFFICER)
    resident.locator("main form button[type=submit]").first.click()
    made["new_password"] = link_in(place.letter(OFFICER, has("forgotten-password")), "forgotten-password")

    place.flask("digest", "--now", next_monday_at_nine("Asia/Shanghai").isoformat())
    made["unsubscribe"] = link_in(place.letter(OFFICER, has("unsubscribe")), "unsubscribe")
    for page in (resident, officer, manager, staff):
        page.context.close()
    return made


def issue(manager: Page, staff: Page, days: int, contract: str = "C-001") -> str:
    """The address of a report of the last days that was drafted, stated and issued, once its files are there."""
    manager.goto(f"/reports/{contract}?{last(days)}")
    press(manager, "Freeze it as a draft to be issued")
    press(manager, "Send it to the provider for its statement")
    address = manager.url
    staff.goto(address)
    staff.locator("[name=statement]").fill("Two crews were ill in these months.")
    press(staff, "Keep the statement")
    manager.goto(address)
    press(manager, "Issue the report")
    for _ in range(SECONDS_TO_PRINT):
        manager.reload()
        if not manager.get_by_text("The files are being made.").count():
            return address
        manager.wait_for_timeout(1000)
    raise AssertionError("the worker does not print")


def last(days: int) -> str:
    """The question for a report of the last days."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    return f"start={today - timedelta(days=days)}&end={today}"


def pack_of(issued: str) -> str:
    """The address of the evidence pack of an issued report."""
    return issued.replace("/reports/", "/contracts/").replace("/issued/", "/packs/")


def review(officer: Page) -> None:
    """What is written down on the page of a contract: an agreed action, a month, a figure of an inspection."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    officer.goto("/contracts/C-001")
    officer.get_by_text("Write down what is agreed").click()
    officer.locator("[name=what]").fill("Two crews on Mondays, as the market leaves most on Sundays.")
    officer.locator("[name=side][value=provider]").check()
    officer.locator("[name=who]").fill("Site lead")
    officer.locator("[name=due_on]").fill((today + timedelta(days=30)).isoformat())
    officer.locator("form[action*=actions] button[type=submit]").last.click()
    officer.get_by_text("Write down a month").click()
    officer.locator("[name=month]").fill(f"{today:%Y-%m}")
    officer.locator("[name=units]").fill("1500")
    officer.locator("form[action*=volume] button[type=submit]").click()
    officer.goto("/contracts/C-001/figures")
    for name, value in (("starts_on", today), ("ends_on", today), ("numerator", 42), ("denominator", 50)):
        officer.locator(f"[name={name}]").fill(str(value))
    officer.locator("[name=source][value=inspection]").check()
    press(officer, "Enter it")


@pytest.fixture(scope="module")
def look_as(place: Place, chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """One page of each person, signed in once."""
    pages: dict[str, Page] = {}

    def page_of(who: str) -> Page:
        if who == HALFWAY and who not in pages:
            pages[who] = halfway(chromium, place)
        elif who not in pages:
            pages[who] = open_page(chromium, place, None if who in (RESIDENT, VISITOR) else who)
        return pages[who]

    yield page_of
    for page in pages.values():
        page.context.close()


def halfway(chromium: Browser, place: Place) -> Page:
    page = open_page(chromium, place)
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in/code" in url)
    return page


def test_every_page_there_is_is_looked_at(world: dict[str, str]) -> None:
    app = create_app()
    routes = app.url_map.bind("localhost")
    looked_at = set()
    for pages in PAGES.values():
        for address in pages.values():
            with suppress(NotFound, RequestRedirect):
                looked_at.add(routes.match(urlsplit(address.format(**world)).path)[0])
    pages_there_are = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages_there_are - looked_at == NO_PAGES


@pytest.mark.parametrize("width", [NARROW, WIDE], ids=lambda width: str(width["width"]))
@pytest.mark.parametrize(("who", "name", "language"), ALL, ids=[f"{name}-{language}" for _, name, language in ALL])
def test_a_page_is_usable(
    world: dict[str, str], look_as: Callable[[str], Page], who: str, name: str, language: str, width: Any
) -> None:
    page = look_as(who)
    page.set_viewport_size(width)
    complaints: list[str] = []
    listeners: dict[str, Callable[[Any], None]] = {
        "console": lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
        "pageerror": lambda error: complaints.append(str(error)),
    }
    for event, listen in listeners.items():
        page.on(event, listen)  # type: ignore[call-overload]
    try:
        # Links in letters name a language already.
        address = PAGES[who][name].format(**world).split("?lang=")[0]
        response = page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        keep_picture(page, f"{name}-{language}-{width['width']}")
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = Axe().run(page, options={"resultTypes": ["violations"]})
    finally:
        for event, listen in listeners.items():
            page.remove_listener(event, listen)

    status = check_status(response, EXPECTED.get(name, 200))
    # Chromium says of every error page that it is one.
    assert [each for each in complaints if f"status of {status}" not in each or status == 200] == []
    assert too_wide == 0, "the page scrolls sideways"
    assert found.violations_count == 0, found.generate_report()
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans"}.get(language, language)
    assert page.locator("html").get_attribute("dir") == ("rtl" if language in RIGHT_TO_LEFT else "ltr")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_header_leaves_room_and_every_view_of_the_inbox_is_in_reach(
    world: dict[str, str], look_as: Callable[[str], Page], language: str
) -> None:
    page = look_as(MANAGER)
    header = page.locator("header.app-header")
    page.set_viewport_size(WIDE)
    page.goto(f"/inbox?lang={language}")
    tops = page.locator(".app-nav__link").evaluate_all("all => all.map((each) => each.getBoundingClientRect().top)")
    assert len(set(tops)) == 1, "the menu is one line"
    page.set_viewport_size(NARROW)
    page.goto(f"/inbox?lang={language}")
    assert header.evaluate("it => it.offsetHeight") <= 140
    views = page.locator(".app-tabs__link")
    assert not views.last.is_visible()
    page.locator(".app-tabs__menu summary").click()
    for nth in range(views.count()):
        box = views.nth(nth).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]
        assert box["height"] >= 24


def check_status(response: Response | None, wanted: int) -> int:
    assert response is not None
    assert response.status == wanted
    return response.status


def keep_picture(page: Page, name: str) -> None:
    folder = os.environ.get("CONTACT_SHEETS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
