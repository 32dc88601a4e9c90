"""What lets residents' pages be installed and opened without a line, as the server hands it out."""

import struct

from app.config import ROOT
from app.extensions import db
from app.intake.models import Feedback
from tests.web.test_give import answers

AS_FACTS = {"Accept": "application/json"}


def test_the_service_worker_comes_from_the_root_and_is_asked_for_again(client, riverside):
    worker = client.get("/service-worker.js")

    assert worker.mimetype == "text/javascript"
    assert worker.headers["Cache-Control"] == "no-cache"
    assert "connect-src 'self'" in worker.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in worker.headers
    assert client.get("/service-worker.js", headers={"If-None-Match": worker.headers["ETag"]}).status_code == 304


def test_the_service_worker_keeps_exactly_what_the_form_names(client, riverside):
    page, worker = client.get("/give/RS-001").page, client.get("/service-worker.js").get_data(as_text=True)

    for address in (page.select_one("link[rel=stylesheet]")["href"], page.select_one("script[src]")["src"]):
        assert f'"{address}"' in worker.splitlines()[0]
        assert is_there(client, address)


def test_every_page_lets_workers_and_manifest_come_from_here_alone(client, riverside):
    policy = client.get("/give/RS-001").headers["Content-Security-Policy"]

    assert {"worker-src 'self'", "manifest-src 'self'", "script-src 'self'"} <= set(policy.split("; "))


def test_the_manifest_speaks_the_language_of_the_page_and_its_icons_have_their_sizes(client, riverside):
    address = client.get("/give/RS-001?lang=zh").page.select_one("link[rel=manifest]")["href"]
    manifest = client.get(address)

    assert manifest.mimetype == "application/manifest+json"
    assert manifest.json["lang"] == "zh-Hans"
    assert manifest.json["start_url"] == "/?lang=zh"
    for icon in manifest.json["icons"]:
        if icon["type"] == "image/png":
            picture = (ROOT / icon["src"].split("?")[0].strip("/")).read_bytes()
            assert "{}x{}".format(*struct.unpack(">II", picture[16:24])) == icon["sizes"]
        assert is_there(client, icon["src"])


def test_who_asks_for_facts_is_told_reference_receipt_and_way_back(client, riverside):
    form = answers(client.get("/give/RS-001?lang=en").page)

    told = client.post("/give/RS-001?lang=en", data=form, headers=AS_FACTS)
    again = client.post("/give/RS-001?lang=en", data=form, headers=AS_FACTS)

    assert told.status_code == again.status_code == 200
    reference = db.session.query(Feedback).one().reference
    assert told.json["reference"] == again.json["reference"] == reference
    assert client.get(told.json["receipt"]).page.select_one("[data-reference]")["data-reference"] == reference
    assert reference in client.get(told.json["track"]).page.text
    assert told.headers["Cache-Control"] == "no-store"


def test_who_asks_for_facts_gets_the_form_back_where_something_is_wrong(client, riverside):
    form = answers(client.get("/give/RS-001?lang=en").page)

    refused = client.post("/give/RS-001?lang=en", data=form | {"email": "rosa"}, headers=AS_FACTS)
    assert refused.status_code == 422
    assert refused.page.select_one("#text").text.strip() == form["text"]

    client.post("/give/RS-001?lang=en", data=form, headers=AS_FACTS)
    other = client.post("/give/RS-001?lang=en", data=form | {"text": "Something else."}, headers=AS_FACTS)
    assert other.status_code == 409
    assert other.page.select_one("[name=key]")["value"] != form["key"]


def test_a_draft_without_a_key_is_taken(client, riverside):
    form = answers(client.get("/give/RS-001").page, key="")

    assert client.post("/give/RS-001", data=form).status_code == 303


def test_the_page_for_no_line_belongs_to_nobody(client, riverside):
    page = client.get("/offline?lang=en")

    assert page.page.h1.text.strip() == "There is no connection"
    assert "Set-Cookie" not in page.headers


def is_there(client, address):
    with client.get(address) as file:
        return file.status_code == 200
