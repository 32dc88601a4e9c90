"""Posters: the code in the PDF leads to the form, as a phone reads it; accessible, in the agency's languages, quick."""

import io
import subprocess
import time

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from app.directory.models import ContractSite, Site
from app.extensions import db
from app.posters.rules import STICKERS_PER_SHEET

POINTS_PER_MM = 72 / 25.4


@pytest.fixture
def made(client, riverside):
    def make(address, who=riverside.officer):
        response = client.sign_in(who).get(address)
        assert response.status_code == 200, response.text
        assert response.mimetype == "application/pdf"
        return response.data

    return make


def codes_read(pdf, tmp_path, page=1):
    """What a phone would read from a page, printed badly: 100 points to the inch, in grey."""
    file = tmp_path / "posters.pdf"
    file.write_bytes(pdf)
    out = tmp_path / f"page-{page}"
    subprocess.run(["pdftoppm", "-r", "100", "-gray", "-f", str(page), "-singlefile", str(file), str(out)], check=True)
    with Image.open(f"{out}.pgm") as picture:
        return [each.text for each in zxingcpp.read_barcodes(picture)]


def text_of(pdf, page=0):
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[page].extract_text().split())


@pytest.mark.parametrize(("paper", "width", "height"), [("a4", 210, 297), ("a6", 105, 148)])
def test_the_code_of_a_poster_leads_to_the_form(made, client, tmp_path, paper, width, height):
    pdf = made(f"/sites/RS-001/posters.pdf?paper={paper}")

    assert codes_read(pdf, tmp_path) == ["http://localhost/give/RS-001?from=qr"]
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    assert float(page.mediabox.width) == pytest.approx(width * POINTS_PER_MM, abs=1)
    assert float(page.mediabox.height) == pytest.approx(height * POINTS_PER_MM, abs=1)
    form = client.get("/give/RS-001?from=qr").page.select_one("form[method=post]")
    assert "from=qr" in form["action"]


def test_it_asks_in_the_languages_of_the_agency_and_says_who_is_behind_it(made):
    said = text_of(made("/sites/RS-001/posters.pdf"))

    assert "How was it?" in said
    assert "One minute, no account." in said
    assert "您觉得怎么样?" in said.replace("？", "?")
    assert "一分钟，无需账号。" in said
    assert "Riverside Public Services" in said
    assert "localhost/give/RS-001" in said
    assert "from=qr" not in said
    assert "Place RS-001" in said
    assert "Clearway" not in said


@pytest.mark.parametrize("paper", ["a4", "a6", "stickers"])
@pytest.mark.parametrize("languages", [["ar"], ["ar", "en"], ["en", "zh", "es"], ["en", "zh", "es", "ar"]])
def test_it_asks_in_every_language_of_residents_on_one_page(made, riverside, tmp_path, languages, paper):
    riverside.agency.languages = languages
    riverside.agency.name = {"en": "Riverside Public Services", "ar": "الخدمات العامة في ريفرسايد"}
    db.session.commit()

    pdf = made(f"/sites/RS-001/posters.pdf?paper={paper}")

    said = text_of(pdf)
    assert "□" not in said, "a letter that our fonts do not have"
    assert ("¿Qué tal fue?" in said) == ("es" in languages)
    fonts = [
        str(font.get_object()["/BaseFont"])
        for font in PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"].values()
    ]
    assert any("NotoSansArabic" in font for font in fonts) == ("ar" in languages)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert set(codes_read(pdf, tmp_path)) == {"http://localhost/give/RS-001?from=qr"}


def test_it_is_accessible(made):
    pdf = PdfReader(io.BytesIO(made("/sites/RS-001/posters.pdf?lang=en")))

    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert pdf.trailer["/Root"]["/Lang"].startswith("en")
    assert "RS-001" in pdf.metadata.title


def test_a_sheet_of_one_sites_stickers_is_full(made, tmp_path):
    pdf = made("/sites/RS-001/posters.pdf?paper=stickers")

    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert codes_read(pdf, tmp_path) == ["http://localhost/give/RS-001?from=qr"] * STICKERS_PER_SHEET


def test_of_all_sites_of_a_contract_there_is_one_each(made, tmp_path):
    posters = made("/contracts/C-001/posters.pdf?paper=a4")
    stickers = made("/contracts/C-001/posters.pdf?paper=stickers")

    assert len(PdfReader(io.BytesIO(posters)).pages) == 2
    assert codes_read(posters, tmp_path, page=2) == ["http://localhost/give/RS-002?from=qr"]
    wanted = {f"http://localhost/give/RS-00{n}?from=qr" for n in (1, 2)}
    assert set(codes_read(stickers, tmp_path)) == wanted


def test_one_site_of_a_contract_can_be_chosen_from_its_page(made, client, riverside):
    page = client.sign_in(riverside.manager).get("/contracts/C-001?lang=en").page
    link = next(each["href"] for each in page.select("main a") if "Posters" in each.text)
    choices = client.get(link).page
    assert [each["value"] for each in choices.select("select[name=site] option")] == ["", "RS-001", "RS-002"]

    pdf = made("/contracts/C-001/posters.pdf?agency=riverside&paper=a6&site=RS-002", who=riverside.staff)

    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert "give/RS-002" in text_of(pdf)
    assert client.get("/contracts/C-001/posters.pdf?paper=a5&site=RS-002").status_code == 422
    assert client.get("/contracts/C-001/posters.pdf?paper=a4&site=RS-003").status_code == 422


def test_posters_are_linked_from_the_page_of_the_site(client, riverside):
    page = client.sign_in(riverside.viewer).get("/sites/RS-001?lang=en").page

    links = [each["href"] for each in page.select("main a") if "(PDF)" in each.text]
    assert [link.partition("paper=")[2].split("&")[0] for link in links] == ["a4", "a6", "stickers"]


def test_strangers_find_none(client, riverside, charlie):
    client.sign_in(charlie)

    assert client.get("/sites/RS-001/posters.pdf").status_code == 404
    assert client.get("/contracts/C-001/posters?agency=riverside").status_code == 404
    assert client.get("/contracts/C-001/posters.pdf?agency=riverside&paper=a4").status_code == 404


def test_a_provider_prints_for_sites_it_serves_only(client, riverside):
    client.sign_in(riverside.staff)

    assert client.get("/sites/RS-003/posters.pdf").status_code == 404
    assert client.get("/sites/RS-001/posters.pdf?paper=a5").status_code == 404


@pytest.mark.parametrize("languages", [["en", "zh"], ["en", "zh", "es", "ar"]], ids=len)
def test_the_longest_names_and_address_stay_on_their_page(made, riverside, tmp_path, languages):
    riverside.site.name = {"en": "A very long name of a place " * 7, "zh": "很长的地名" * 39}
    riverside.site.code = "RS-" + "X" * 37
    riverside.site.code_key = riverside.site.code.casefold()
    riverside.agency.name = {"en": "Department of everything " * 4, "zh": "城市管理" * 20}
    riverside.agency.languages = languages
    db.session.commit()

    for paper in ("a4", "a6", "stickers"):
        pdf = made(f"/sites/{riverside.site.code}/posters.pdf?paper={paper}")
        assert len(PdfReader(io.BytesIO(pdf)).pages) == 1, paper
        assert set(codes_read(pdf, tmp_path)) == {f"http://localhost/give/{riverside.site.code}?from=qr"}, paper


def test_thirty_sites_are_made_in_far_less_than_two_seconds_each(made, riverside):
    sites = [
        Site(agency_id=riverside.agency.id, code=f"B-{n}", code_key=f"b-{n}", name=f"Bin {n}", address=None)
        for n in range(28)
    ]
    db.session.add_all(sites)
    db.session.flush()
    db.session.add_all(
        ContractSite(
            agency_id=riverside.agency.id,
            contract_id=riverside.contract.id,
            site_id=site.id,
            starts_on=riverside.contract.starts_on,
        )
        for site in sites
    )
    db.session.commit()

    began = time.monotonic()
    pdf = made("/contracts/C-001/posters.pdf?paper=a4")

    assert len(PdfReader(io.BytesIO(pdf)).pages) == 30
    assert time.monotonic() - began < 30
