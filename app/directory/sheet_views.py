"""The directory as sheets: a template and what there is to take away; what is sent is seen before it is kept."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from sqlalchemy.exc import IntegrityError

from app.directory import queries, sheets, wording
from app.directory.forms import DirectorySheetForm, need_to_know
from app.directory.sheet_wording import ABOUT, IN_LANGUAGES, NAMES, meaning
from app.directory.sheets import COLUMNS, Row, Sheet
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.sheet_form import SheetForm
from app.web.sheets import CSV_MIMETYPE, MIMETYPE, REASON, Cell, Workbook, as_csv, packed, table_of, with_reasons
from app.web.texts import gettext as _
from app.web.texts import ngettext
from app.web.transactions import begin_writing, commits

bp = Blueprint("sheets", __name__)

SHOWN = 200
"""So many rows fit on a page; the numbers above them are of all."""

REFUSED_FIRST = {True: 0, False: 1}


@bp.get("/directory/sheets")
@allow(Role.MANAGER)
def index() -> Any:
    """Which sheets there are."""
    return render_template("directory/sheets.html", names=NAMES, about=ABOUT)


@bp.get("/directory/sheets/<sheet>/template.<form>")
@allow(Role.MANAGER)
def template(sheet: str, form: str) -> Any:
    """A sheet with one row as an example; beside it, in a workbook, what the columns mean."""
    of = _sheet(sheet)
    agency = queries.agency_of(viewer())
    columns = sheets.columns_for(of, agency.languages)
    return _file(of, form, f"{of}-template", columns, [sheets.example_of(of)], has_meanings=True)


@bp.get("/directory/sheets/<sheet>/all.<form>")
@allow(Role.MANAGER)
def everything(sheet: str, form: str) -> Any:
    """What there is, as the sheet that would make it: to be changed and sent again."""
    of = _sheet(sheet)
    agency = queries.agency_of(viewer())
    rows = list(sheets.rows_of(agency, of))
    return _file(of, form, f"{agency.slug}-{of}", sheets.columns_for(of, agency.languages, rows), rows)


@bp.route("/directory/sheets/<sheet>", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def send(sheet: str) -> Any:
    """Choose a file, see what each row does, confirm: good rows go in, the others come back with the reason.

    What was seen is what is done, or it is shown again.
    """
    of = _sheet(sheet)
    form = DirectorySheetForm(sheets.known_columns(of), sheets.needed_columns(of))
    if not form.validate_on_submit():
        columns = [(column.name, meaning(of, column.name)) for column in COLUMNS[of]]
        page = render_template(
            "directory/sheet.html", form=form, sheet=of, name=NAMES[of], about=ABOUT[of], columns=columns
        )
        return page, 422 if form.errors else 200
    rows = sheets.preview(queries.agency_of(viewer()), of, form.lines)
    seen = mark_of(rows)
    if not form.is_confirmed or form.seen.data != seen:
        return _page(of, form, rows, seen=seen)
    if not need_to_know(form, sum(row.outside for row in rows)):
        return _page(of, form, rows, seen=seen), 422
    try:
        rows = sheets.take_in(queries.agency_of(viewer()), of, form.lines)
    except IntegrityError:
        # Somebody else made one of these a moment ago: it is looked at anew.
        begin_writing()
        rows = sheets.preview(queries.agency_of(viewer()), of, form.lines)
        return _page(of, form, rows, seen=mark_of(rows)), 409
    kept = sum(row.kind is not None for row in rows)
    done = ngettext("%(num)d row was taken in.", "%(num)d rows were taken in.", kept)
    if not any(row.is_refused for row in rows):
        flash(done, "success")
        return redirect(url_for("sheets.index"), 303)
    return _page(of, form, rows, done=done)


@bp.post("/directory/sheets/<sheet>/refused")
@allow(Role.MANAGER)
@commits
def refused(sheet: str) -> Any:
    """The rows that were refused, as a file, with the reason beside each."""
    of = _sheet(sheet)
    columns = [*sheets.known_columns(of), REASON]
    form = SheetForm(columns, ())
    if not form.validate_on_submit():
        abort(400)
    head, _rows = table_of(form.lines, columns)
    return _file(of, "xlsx", f"{of}-refused", head, [line.cells for line in form.lines])


def mark_of(rows: Sequence[Row]) -> str:
    """What a preview showed, in short."""
    shown = [(row.line.number, row.name, row.kind, row.fields, row.problems) for row in rows]
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def reasons(problems: Iterable[tuple[str, str]]) -> str:
    """All that is wrong with a row, by column."""
    return _("; ").join(_("%(column)s %(why)s", column=column, why=why) for column, why in problems)


def _page(of: Sheet, form: SheetForm, rows: Sequence[Row], *, seen: str = "", done: str = "") -> Any:
    counts = {
        _("New"): sum(row.kind == "added" for row in rows),
        _("Changed"): sum(row.kind == "changed" for row in rows),
        _("As they were"): sum(row.kind is None and not row.is_refused for row in rows),
        _("Not taken in"): sum(row.is_refused for row in rows),
    }
    shown = sorted((row for row in rows if row.is_refused or not done), key=lambda row: REFUSED_FIRST[row.is_refused])
    return render_template(
        "directory/sheet_rows.html",
        form=form,
        sheet=of,
        name=NAMES[of],
        rows=shown[:SHOWN],
        more=max(0, len(shown) - SHOWN),
        counts=counts,
        takes=any(row.kind for row in rows),
        asks=form.is_sure if any(row.outside for row in rows) else None,
        refused=packed(with_reasons((row.line, reasons(row.problems)) for row in rows if row.is_refused)),
        refuses=any(row.is_refused for row in rows),
        seen=seen,
        done=done,
        field_name=wording.field_name,
        shown_value=wording.shown_value,
        lost_languages=wording.lost_languages,
        reasons=reasons,
    )


def _sheet(name: str) -> Sheet:
    return Sheet(name) if name in list(Sheet) else abort(404)


def _file(
    of: Sheet, form: str, name: str, columns: Sequence[str], rows: Sequence[Any], *, has_meanings: bool = False
) -> Response:
    table: list[list[Cell]] = [[row.get(column) for column in columns] for row in rows]
    if form == "csv":
        body, mimetype = as_csv(columns, table), CSV_MIMETYPE
    elif form == "xlsx":
        book = Workbook(str(NAMES[of]))
        book.add(str(NAMES[of]), columns, table)
        if has_meanings:
            meanings = [[column.name, meaning(of, column.name)] for column in COLUMNS[of]]
            book.add(
                _("What the columns mean"), [_("Column"), _("Meaning")], [*meanings, ["…_zh, …_en", str(IN_LANGUAGES)]]
            )
        body, mimetype = book.close(), MIMETYPE
    else:
        abort(404)
    return Response(body, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'}, mimetype=mimetype)
