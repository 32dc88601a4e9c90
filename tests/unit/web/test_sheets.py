"""Tables that people send: hostile until read; tables that people take away: no formula in them."""

import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest

from app.web.sheets import (
    MOST_ROWS,
    Cells,
    Line,
    SheetRefused,
    Workbook,
    as_csv,
    packed,
    read_table,
    unpacked,
)

KNOWN, NEEDED = ("code", "name", "starts_on", "share"), ("code",)


@pytest.fixture(autouse=True)
def _speaking(app):
    with app.test_request_context():
        yield


def xlsx(rows, formats=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in formats:
        book.active[cell].number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(raw):
    return [(line.number, dict(line.cells)) for line in read_table(raw, KNOWN, NEEDED)]


def refusal(raw):
    with pytest.raises(SheetRefused) as refused:
        read_table(raw, KNOWN, NEEDED)
    return str(refused.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"code,name\nA,Elm\n\n,\nB,'=1+1\n",
        "\ufeffCode;Name \nA;Elm\n;\n;\nB;'=1+1\n".encode(),
        b"code\tname\r\nA\tElm\r\n\r\n\r\nB\t'=1+1\r\n",
    ],
)
def test_csv_is_read_as_text_however_it_is_written(raw):
    assert read(raw)[0] == (2, {"code": "A", "name": "Elm"})
    assert read(raw)[1][1] == {"code": "B", "name": "=1+1"}
    assert len(read(raw)) == 2


def test_xlsx_is_read_as_text_by_its_types():
    raw = xlsx(
        [["Code ", "name", "Starts on", "share"], ["A", 7, date(2026, 9, 30), 0.9], [None] * 4, ["B", 7.25, True, 5]],
        [("D2", "0%")],
    )

    assert read(raw) == [
        (2, {"code": "A", "name": "7", "starts_on": "2026-09-30", "share": "90%"}),
        (4, {"code": "B", "name": "7.25", "starts_on": "yes", "share": "5"}),
    ]


@pytest.mark.parametrize(
    "raw", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0", b"%PDF-1.7\n", b"MZ\0\0", b"<html>"]
)
def test_another_kind_of_file_is_named_as_such(raw):
    assert refusal(raw) == "This is no table but a picture or some other file. Choose the table: XLSX or CSV."


def test_a_formula_is_not_worked_out_but_refused_with_its_row():
    (line,) = read_table(xlsx([["code", "name"], ["A", "=HYPERLINK(1)"]]), KNOWN, NEEDED)

    assert Cells(line).problems == [("name", "is a formula; enter its value")]


def test_so_is_one_in_a_csv_and_not_what_only_begins_with_another_sign():
    raw = b"code,name\nA,=1+1\nB,'=1+1\nC,+1\n"
    formula, guarded, plain = read_table(raw, KNOWN, NEEDED)

    assert Cells(formula).problems == [("name", "is a formula; enter its value")]
    assert (guarded.cells["name"], plain.cells["name"]) == ("=1+1", "+1")


def bomb():
    """A ZIP of a few kilobytes that unpacks to a hundred megabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    return file.getvalue()


def unfolding():
    """A workbook whose strings are written as entities that unfold themselves."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([["code"], ["A"]]))) as good, zipfile.ZipFile(file, "w") as parts:
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
                content = head + content.replace(b"A<", b"&b;<")
            parts.writestr(name, content)
    return file.getvalue()


def far_away():
    """A single cell in the last row and column that there can be."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"], book.active["XFD1048576"] = "code", "A", "far"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (far_away(), "far below the table"),
        (b"code\n" + b"x" * 2_000_000, "larger than 2 MB"),
        (b"\xd0\xcf\x11\xe0 old", "old XLS"),
        (b"PK\x03\x04 nothing more", "no XLSX file that can be read"),
        (bomb(), "unpacks to more"),
        (unfolding(), "no XLSX file that can be read"),
        ("code\n垃圾".encode("gb18030"), "UTF-8"),
        (b"", "first row must name the columns"),
        (b"code\n", "no rows below the head"),
        (b"code,shoe size\nA,4\n", "no column shoe_size"),
        (b"name\nA\n", "column code is missing"),
        (b"code,Code\nA,B\n", "code is there twice"),
        (b"code\nA,B\n", "Row 2 has more cells"),
        (b'code\n"A\n', "Row 2 is no row"),
        (b"code\n" + b"A\n" * (MOST_ROWS + 1), "more than 5000 rows"),
        (b"code\n" + b"A" * 10_001, "too much text"),
        (b"code\n" + (b"A" * 9_000 + b"\n") * 150, "too much text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_such_table_is_refused_in_plain_words(raw, said):
    assert said in refusal(raw)


def test_rows_go_with_a_form_and_come_back():
    lines = [Line(2, {"code": "A", "name": "榆"}), Line(9, {"code": "B", "name": ""})]

    assert unpacked(packed(lines), KNOWN) == lines
    for made_up in ("", "[]", '[["code"],[[1]]]', '[["shoe"],[[1,"x"]]]', "[" * 100_000):
        with pytest.raises(SheetRefused):
            unpacked(made_up, KNOWN)


def test_what_goes_out_is_no_formula_and_comes_back_as_it_was():
    cells = ["=1+1", "+44 20 7946 0018", "-", "@x", "plain", "'quoted"]
    columns = ["code", "name"]
    rows = [[f"r{n}", cell] for n, cell in enumerate(cells)]
    book = Workbook("Sites")
    book.add("Sites", columns, rows)
    written = as_csv(columns, rows), book.close()

    assert b"r0,'=1+1\r\n" in written[0]
    sheet = openpyxl.load_workbook(io.BytesIO(written[1])).active
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} == {"s"}
    for raw in written:
        assert [found["name"] for _, found in read(raw)] == cells


@pytest.mark.parametrize(
    ("method", "text", "value"),
    [
        ("day", "2026-09-30", date(2026, 9, 30)),
        ("day", "2026/9/3", date(2026, 9, 3)),
        ("day", "2026年9月30日", date(2026, 9, 30)),
        ("day", "30/09/2026", None),
        ("day", "2026-02-30", None),
        ("yes_or_no", "是", True),
        ("yes_or_no", "No", False),
        ("yes_or_no", "perhaps", None),
        ("amount", "120,000.50", 120000.5),
        ("amount", "NaN", None),
        ("amount", "-1", None),
    ],
)
def test_cells_are_read_as_people_write_them(method, text, value):
    cells = Cells(Line(2, {"x": text}))

    assert getattr(cells, method)("x") == value
    assert bool(cells.problems) is (value is None)


@pytest.mark.parametrize(
    ("text", "value"),
    [("4,5", 4.5), ("90 %", 90.0), ("0", 0.0), ("101", None), ("nan", None), ("many", None)],
)
def test_numbers_have_their_limits(text, value):
    assert Cells(Line(2, {"x": text})).number("x", 0, 100) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-02 09:30", datetime(2026, 11, 2, 1, 30, tzinfo=UTC)),
        ("2026/11/2 09:30", datetime(2026, 11, 2, 1, 30, tzinfo=UTC)),
        ("2026-11-02T09:30:00+00:00", datetime(2026, 11, 2, 9, 30, tzinfo=UTC)),
        ("2026-11-02", datetime(2026, 11, 1, 16, 0, tzinfo=UTC)),
        ("yesterday", None),
    ],
)
def test_times_without_an_offset_are_those_of_the_agency(text, value):
    assert Cells(Line(2, {"x": text})).moment("x", "Asia/Shanghai") == value
