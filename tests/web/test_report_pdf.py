"""The PDF of a report: accessible, Chinese right without the machine's fonts, and never a gap."""

import io
import subprocess
from itertools import combinations

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from app.extensions import db
from app.reports.as_pdf import settable

ADDRESS = "/reports/C-001.pdf?start=2026-09-01&end=2026-09-30&as_of=2026-10-12T09:00:00%2B08:00"


@pytest.fixture
def opened(client, september):
    def open_in(language="en"):
        response = client.sign_in(september.manager).get(f"{ADDRESS}&lang={language}")
        assert response.status_code == 200, response.text
        assert response.data.startswith(b"%PDF-")
        return PdfReader(io.BytesIO(response.data))

    return open_in


def tags(pdf):
    """How often each tag is used: what a screen reader walks through."""
    found = {}
    waiting = [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            kind = node.get("/S")
            if kind:
                found.setdefault(str(kind), []).append(node)
            if "/K" in node:
                waiting.append(node["/K"])
    return found


def test_it_says_that_it_is_accessible_and_is_tagged(opened):
    pdf = opened()
    found = tags(pdf)

    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert pdf.trailer["/Root"]["/Lang"].startswith("en")
    assert pdf.metadata.title == "Street cleaning 2026"
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/Caption", "/P"} <= found.keys()
    pictures = [node for node in found["/Figure"] if "/Alt" in node]
    assert len(pictures) == 5
    assert any("In the week of" in str(node["/Alt"]) for node in pictures)


def test_the_cover_says_it_in_one_paragraph(opened):
    cover = " ".join(opened().pages[0].extract_text().split())

    assert "8 of 12 cases were answered in time; 12 are open, 12 of them overdue." in cover
    assert "Page 1 of" in cover
    assert "Not issued" in cover


def test_chinese_is_set_in_the_font_that_comes_along(opened):
    pdf = opened("zh")
    text = "".join(page.extract_text() for page in pdf.pages)

    assert "按时答复" in text
    assert pdf.trailer["/Root"]["/Lang"].startswith("zh")
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in pdf.pages
        for font in page["/Resources"].get_object()["/Font"].get_object().values()
    }
    assert fonts
    assert all("NotoSansSC" in font for font in fonts)


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("Street – 12 %", "Street – 12 %"),
        ("喆老师，堃哥", "喆老师，堃哥"),
        ("thanks 😀!", "thanks □!"),
        ("a\x00b\tc\nd", "ab c\nd"),
        ("خدمة \u2068RS-1\u2069", "خدمة RS-1"),
        ("עברית", "□□□□□"),
    ],
)
def test_what_the_letters_do_not_have_is_a_square(text, set_as):
    assert settable({"a": [text]}) == {"a": [set_as]}


def test_names_with_rare_characters_make_a_pdf_all_the_same(opened, september):
    september.contract.title = {"en": "喆堃 😀 \u202e Straße", "zh": "喆堃"}
    db.session.merge(september.contract)
    db.session.commit()

    assert "喆堃 □" in opened().pages[0].extract_text()


def words_of(body):
    """Page by page the words with their boxes: (left, top, right, bottom, word), in points."""
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=body, capture_output=True, check=True)
    for page in BeautifulSoup(done.stdout, "html.parser").select("page"):
        yield [
            (*(float(word[side]) for side in ("xmin", "ymin", "xmax", "ymax")), word.text)
            for word in page.select("word")
        ]


def lies_on(one, other):
    """Whether a word is printed over another, by more than letters may touch."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and down > 4


LONG = {
    "en": "Residents who say that the street was clean on the morning after a market day",
    "zh": "集市日次日早晨居民认为街道干净整洁的比例以及其他很长的名称",
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("is_long", [False, True])
def test_no_word_is_printed_over_another(client, september, language, is_long):
    if is_long:
        for row in september.contract.clauses:
            row.title = LONG
        september.contract.title = LONG
        db.session.commit()
    client.sign_in(september.manager)
    for address in (ADDRESS, ADDRESS.replace("/C-001.pdf", ".pdf")):
        answer = client.get(f"{address}&lang={language}")
        assert answer.status_code == 200, address
        for words in words_of(answer.data):
            assert [(a[4], b[4]) for a, b in combinations(words, 2) if lies_on(a, b)] == []
