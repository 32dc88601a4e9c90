"""Tables that people send and take away, as XLSX or CSV.

What comes in is hostile until it is read: it is measured before it is unpacked, read as text within limits, and no
formula is worked out. What goes out holds no text that a spreadsheet would take for a formula.
"""

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.errors import DomainError
from app.web.texts import gettext as _

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_MIMETYPE = "text/csv; charset=utf-8"

MOST_BYTES = 2_000_000
MOST_UNPACKED = 20_000_000
"""An XLSX is a ZIP: so much may come out of it, all parts together."""

MOST_PARTS = 300
MOST_ROWS = 5_000
MOST_COLUMNS = 60
LONGEST_CELL = 10_000
MOST_LETTERS = 1_200_000
"""Bytes of all cells: the page that shows them sends them back."""

REASON = "reason"
"""The column that says why a row was refused; in a file that comes back it is passed over."""

FORMULA = "\0formula"
"""Stands for a cell that holds one: it is refused with its row."""

NO_TABLES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF", b"<!DOCTYPE", b"<html", b"{\\rtf")
"""How pictures, PDFs, web pages and letters begin, which people choose by mistake."""

PACKED_OR_UTF_16 = (b"PK", b"\xff\xfe", b"\xfe\xff")
"""What may hold zeros and still be a table."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\sr=["'](\d+)["']""")
YES, NO = ("yes", "y", "true", "1", "是"), ("no", "n", "false", "0", "否")

Cell = str | int | float | bool | date | datetime | None
Rows = Iterable[Sequence[Cell]]


class SheetRefused(DomainError):
    """A file that is no table that can be read; its text says why, for people."""


@dataclass(frozen=True)
class Line:
    """A row of a table, and its number as the program in which it was made shows it."""

    number: int
    cells: Mapping[str, str]


def read_table(raw: bytes, known: Collection[str], needed: Collection[str], most: int = MOST_ROWS) -> list[Line]:
    """The rows below the head, as text by column, without empty ones. ``SheetRefused`` where it is no such table."""
    if len(raw) > MOST_BYTES:
        raise SheetRefused(_("The file is larger than 2 MB."))
    if raw[:4] == b"\xd0\xcf\x11\xe0":
        raise SheetRefused(_("This is an old XLS file, or one with a password. Save it as XLSX without one."))
    if raw.startswith(NO_TABLES) or (b"\0" in raw[:1000] and not raw.startswith(PACKED_OR_UTF_16)):
        raise SheetRefused(_("This is no table but a picture or some other file. Choose the table: XLSX or CSV."))
    return _lines(_rows_of_xlsx(raw) if raw[:2] == b"PK" else _rows_of_csv(raw), known, needed, most)


def packed(lines: Sequence[Line]) -> str:
    """Rows in one text, to be sent with a form and unpacked again."""
    columns = sorted({column for line in lines for column in line.cells})
    rows = [[line.number, *(line.cells.get(column, "") for column in columns)] for line in lines]
    return json.dumps([columns, rows], ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str, known: Collection[str]) -> list[Line]:
    """The rows that were packed; ``SheetRefused`` where somebody made them up otherwise."""
    try:
        columns, rows = json.loads(text)
        if not {*columns} <= {*known} or len(rows) > MOST_ROWS:
            raise ValueError
        return [Line(int(number), dict(zip(columns, map(str, cells), strict=True))) for number, *cells in rows]
    except (ValueError, TypeError, RecursionError):
        raise SheetRefused(_("Choose a file.")) from None


def with_reasons(refused: Iterable[tuple[Line, str]]) -> list[Line]:
    """Rows that were refused, each with the reason beside it; a formula is left out, as nobody worked it out."""
    return [
        Line(line.number, {name: text for name, text in line.cells.items() if text != FORMULA} | {REASON: why})
        for line, why in refused
    ]


def table_of(lines: Sequence[Line], columns: Iterable[str]) -> tuple[list[str], list[list[Cell]]]:
    """Head and rows of what came, without columns that no row has."""
    head = [name for name in columns if any(name in line.cells for line in lines)]
    return head, [[line.cells.get(name) for name in head] for line in lines]


def _lines(rows: Iterator[list[str]], known: Collection[str], needed: Collection[str], most: int) -> list[Line]:
    head = [_column(cell) for cell in next(rows, [])]
    while head and not head[-1]:
        head.pop()
    if not head:
        raise SheetRefused(_("The first row must name the columns; it is empty."))
    for column in head:
        if column not in known and column != REASON:
            raise SheetRefused(
                _("There is no column %(column)s; known are: %(known)s.", column=column or "–", known=", ".join(known))
            )
        if head.count(column) > 1:
            raise SheetRefused(_("The column %(column)s is there twice.", column=column))
    for column in needed:
        if column not in head:
            raise SheetRefused(_("The column %(column)s is missing.", column=column))
    lines: list[Line] = []
    letters = 0
    for number, cells in enumerate(rows, start=2):
        texts = [HIDDEN.sub("", cell).strip() if cell != FORMULA else cell for cell in cells]
        if not any(texts):
            continue
        if any(texts[len(head) :]):
            raise SheetRefused(_("Row %(row)s has more cells than the head has columns.", row=number))
        if len(lines) == most:
            raise SheetRefused(_("There are more than %(most)s rows; send them in several files.", most=most))
        letters += sum(len(text.encode()) for text in texts)
        if letters > MOST_LETTERS or any(len(text) > LONGEST_CELL for text in texts):
            raise SheetRefused(_("There is too much text in it; send it in several files."))
        padded = [*texts, *[""] * (len(head) - len(texts))]
        lines.append(Line(number, {name: text for name, text in zip(head, padded, strict=False) if name != REASON}))
    if not lines:
        raise SheetRefused(_("There are no rows below the head."))
    return lines


def _column(cell: str) -> str:
    return re.sub(r"[\s_]+", "_", HIDDEN.sub("", cell).strip().casefold()).rstrip("*")


def _rows_of_csv(raw: bytes) -> Iterator[list[str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetRefused(_("The file is not text in UTF-8. Save it as XLSX, or as CSV in UTF-8.")) from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    # Numbered as a spreadsheet numbers them: a row each, however many lines its cells have.
    number = 0
    try:
        for cells in reader:
            number += 1
            yield [FORMULA if cell.lstrip().startswith("=") else _without_guard(cell) for cell in cells]
    except csv.Error:
        raise SheetRefused(_("Row %(row)s is no row of a CSV file.", row=number + 1)) from None


def _without_guard(cell: str) -> str:
    """Without the sign that we put before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS) else cell


def _rows_of_xlsx(raw: bytes) -> Iterator[list[str]]:
    """The first sheet. It is measured first: whatever a ZIP says of its parts, more than that is never unpacked."""
    import openpyxl  # loads in a tenth of a second, which other pages need not wait for

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed_parts:
            parts = packed_parts.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise SheetRefused(_("The file unpacks to more than a table of this kind can need."))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(packed_parts.read(part))
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # Whatever it says of its own size, so that a single cell far away makes no giant.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1):
            yield [_text_of(cell) for cell in row]
    except SheetRefused:
        raise
    except Exception:
        # Nothing that such a file can do wrong is worth telling apart.
        raise _no_workbook() from None


def _check_part(part: bytes) -> None:
    """Refuse XML that declares anything of its own, like entities that unfold themselves: no spreadsheet does.

    Nor is it written in anything but UTF-8, in which that could hide; nor has a table a row far below all others.
    """
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\0" in part[:200]:
        raise _no_workbook()
    if any(int(found[1]) > 2 * MOST_ROWS for found in ROW.finditer(part)):
        raise SheetRefused(_("There is something far below the table, in row %(row)s or later.", row=2 * MOST_ROWS + 1))


def _no_workbook() -> SheetRefused:
    return SheetRefused(_("This is no XLSX file that can be read. Save it once more as XLSX, or as CSV in UTF-8."))


def _text_of(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return FORMULA
    if isinstance(value, bool):
        return YES[0] if value else NO[0]
    if isinstance(value, (int, float)):
        is_percent = isinstance(cell.number_format, str) and "%" in cell.number_format
        return f"{round(value * 100, 10):.12g}%" if is_percent else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


@dataclass
class Cells:
    """Reads a row cell by cell and keeps what is wrong with it, each with its column. None: nothing, or wrong."""

    line: Line
    problems: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for column, text in self.line.cells.items():
            if text == FORMULA:
                self.wrong(column, _("is a formula; enter its value"))

    def wrong(self, column: str, why: str) -> None:
        self.problems.append((column, why))

    def has(self, column: str) -> bool:
        return bool(self.line.cells.get(column))

    def text(self, column: str, longest: int = 200) -> str | None:
        text = self.line.cells.get(column) or None
        if text is not None and len(text) > longest:
            self.wrong(column, _("is longer than %(most)s characters", most=longest))
            return None
        return text

    def needed(self, column: str, longest: int = 200) -> str:
        """A text that must be there; empty where it is not."""
        if not self.has(column):
            self.wrong(column, _("is empty"))
        return self.text(column, longest) or ""

    def name(self, column: str, longest: int) -> str:
        """A name that stands in the address of a page, which must be there."""
        text = self.needed(column, longest)
        if any(sign in "/?#%\\" or sign.isspace() for sign in text) or text in (".", ".."):
            self.wrong(column, _("must have no spaces and slashes, as it stands in an address"))
        return text

    def number(self, column: str, least: float, most: float) -> float | None:
        text = self.text(column)
        if text is None:
            return None
        try:
            number = float(text.rstrip("% ").replace(",", "."))
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            self.wrong(column, _("must be a number from %(least)s to %(most)s", least=f"{least:g}", most=f"{most:g}"))
            return None
        return number

    def degrees(self, column: str, most: int) -> float | None:
        """A latitude or longitude in decimal degrees, from ``-most`` to ``most``, with all of its digits."""
        text = self.text(column)
        if text is None:
            return None
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.wrong(column, _("must be a number of degrees like 31.2304, without letters, signs or minutes"))
        elif not -most <= number <= most:
            span = {"least": -most, "most": most, "found": text}
            self.wrong(column, _("must be from %(least)s to %(most)s degrees, and is %(found)s", **span))
        else:
            return number
        return None

    def whole(self, column: str, least: int, most: int) -> int | None:
        text = self.text(column)
        if text is None:
            return None
        if not re.fullmatch(r"-?\d{1,12}", text) or not least <= int(text) <= most:
            self.wrong(column, _("must be a whole number from %(least)s to %(most)s", least=least, most=most))
            return None
        return int(text)

    def amount(self, column: str) -> Decimal | None:
        """Money: not below 0, with at most two decimals."""
        text = self.text(column)
        if text is None:
            return None
        try:
            amount = Decimal(text.replace(" ", "").replace(",", ""))
            if amount.is_finite() and 0 <= amount < 10**12 and amount == amount.quantize(Decimal("0.01")):
                return amount.quantize(Decimal("0.01"))
        except InvalidOperation:
            pass
        self.wrong(column, _("must be an amount like 120000 or 120000.50"))
        return None

    def day(self, column: str) -> date | None:
        text = self.text(column)
        found = DAY.fullmatch(text) if text else None
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            found = None
        if text:
            self.wrong(column, _("must be a date like 2026-09-30"))
        return None

    def moment(self, column: str, timezone: str) -> datetime | None:
        """A time; without an offset it is one of the wall clocks of ``timezone``."""
        text = self.text(column)
        if text is None:
            return None
        try:
            at = datetime.fromisoformat(DAY.sub(lambda d: "{}-{:0>2}-{:0>2}".format(*d.groups()), text, count=1))
            return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
        except (ValueError, OverflowError):
            self.wrong(column, _("must be a time like 2026-09-30 14:05"))
            return None

    def yes_or_no(self, column: str) -> bool | None:
        text = self.text(column)
        if text is None:
            return None
        if text.casefold() not in (*YES, *NO):
            self.wrong(column, _("must be yes or no"))
            return None
        return text.casefold() in YES

    def one_of(self, column: str, choices: Iterable[str]) -> str | None:
        text, known = self.text(column), [str(each) for each in choices]
        if text is None or text.casefold() in known:
            return text.casefold() if text else None
        self.wrong(column, _("must be one of %(known)s", known=", ".join(known)))
        return None

    def some_of(self, column: str, choices: Iterable[str]) -> list[str] | None:
        """Several, with commas between them, in the order of the choices."""
        text, known = self.text(column), [str(each) for each in choices]
        if text is None:
            return None
        given = [each.strip().casefold() for each in re.split("[,;，、；]", text) if each.strip()]
        if not {*given} <= {*known}:
            self.wrong(column, _("must be some of %(known)s", known=", ".join(known)))
            return None
        return [each for each in known if each in given]


def harmless(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def as_csv(columns: Sequence[str], rows: Rows) -> bytes:
    """A table as CSV in UTF-8, with the mark by which Excel knows that."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
    return ("\ufeff" + file.getvalue()).encode()


def _written(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return YES[0] if cell else NO[0]
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    # As many digits as a spreadsheet keeps: none of a coordinate is lost.
    return f"{cell:.15g}" if isinstance(cell, float) else cell


class Workbook:
    """An XLSX of tables, each on a sheet: a head that stays in sight, cells by their type, filters."""

    def __init__(self, title: str, made_at: datetime | None = None):
        """``made_at`` (without a zone) where the same content must be the same file, whenever it is made."""
        import xlsxwriter  # loads in a tenth of a second, which other pages need not wait for

        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.file,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        self.book.set_properties({"title": title} | ({"created": made_at} if made_at else {}))
        self.head = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def add(self, name: str, columns: Sequence[str], rows: Rows) -> None:
        sheet = self.book.add_worksheet(name)
        widths = [len(column) for column in columns]
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column, self.head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                self._write(sheet, last, at, cell)
                widths[at] = max(widths[at], len(str(cell)))
        for at, width in enumerate(widths):
            sheet.set_column(at, at, min(60, max(8, width + 2)))
        sheet.freeze_panes(1, 0)
        if last:
            sheet.autofilter(0, 0, last, len(columns) - 1)

    def close(self) -> bytes:
        """The file; nothing can be added any more."""
        self.book.close()
        return self.file.getvalue()

    def _write(self, sheet: Any, row: int, at: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, (int, float)):
            sheet.write_number(row, at, cell)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, at, cell, self.moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, at, cell, self.day)
        else:
            sheet.write_string(row, at, cell)
