"""The page of a hotline's daily file: calls in, after a look at what each row does; answers out."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app.audit import actions as audit
from app.audit.rules import Verb
from app.directory import queries as directory
from app.directory.models import Agency
from app.hotline import actions, queries
from app.hotline.actions import Kind, Row
from app.hotline.forms import AnswersForm
from app.hotline.rules import COLUMNS, MOST_CALLS, NEEDED
from app.kernel import clock
from app.kernel.periods import Period, day_of
from app.kernel.words import Role
from app.web.access import allow, viewer
from app.web.sheet_form import SheetForm
from app.web.sheets import CSV_MIMETYPE, MIMETYPE, REASON, Cell, Line, Workbook, as_csv, packed, table_of, with_reasons
from app.web.texts import gettext as _
from app.web.texts import ngettext
from app.web.transactions import begin_writing, commits, commits_late

bp = Blueprint("hotline", __name__)

OFFICERS = (Role.OFFICER, Role.MANAGER)
SHOWN = 200

MEANINGS = {
    "number": _l("The hotline's own number, by which the call is known again."),
    "received_at": _l("When the call was taken, like 2026-09-30 14:05, where the agency is."),
    "site": _l("The code of the site it is about."),
    "contract": _l("The reference of the contract; needed where several serve the site."),
    "kind": _l("complaint (also where it is empty), suggestion, compliment or rating."),
    "rating": _l("From 1 to 5, where the caller gave one."),
    "text": _l("What the caller said, without name and number."),
    "place": _l("Where exactly. The provider reads it."),
    "email": _l("How to reach the caller; kept apart and sealed."),
    "phone": _l("How to reach the caller; kept apart and sealed."),
    "language": _l("In which language to write to the caller: en, zh, es or ar."),
    "deadline": _l("By when the hotline wants an answer. It stands beside ours and changes no clock of ours."),
}
EXAMPLE = (
    "GD20260930-0042",
    datetime(2026, 9, 30, 14, 5),
    "RS-001",
    "C-001",
    "complaint",
    1,
    "The bin at the gate has been full for three days.",
    "behind the gate",
    None,
    None,
    "en",
    datetime(2026, 10, 8, 17, 30),
)
ANSWERS = (
    "number",
    "reference",
    "contract",
    "kind",
    "status",
    "received_at",
    "deadline",
    "answer_by",
    "first_answered_at",
    "resolved_at",
    "confirmed_at",
    "answered_at",
    "answer",
)


@bp.route("/hotline", methods=["GET", "POST"])
@allow(*OFFICERS)
@commits_late
def send() -> Any:
    """Choose a file, see what each row does, confirm: good rows go in, the others come back with the reason."""
    form, agency = SheetForm(COLUMNS, NEEDED, MOST_CALLS), directory.agency_of(viewer())
    if not form.validate_on_submit():
        return _first_page(form), 422 if form.errors else 200
    rows = actions.read(agency, form.lines)
    seen = mark_of(rows)
    if not form.is_confirmed or form.seen.data != seen:
        return _rows_page(form, rows, seen=seen)
    ready = actions.make_ready(rows)
    agency_id = agency.id
    begin_writing()
    try:
        rows = actions.take_in(agency_id, rows, ready)
    except IntegrityError:
        # Somebody else took one of these in a moment ago: it is looked at anew.
        begin_writing()
        rows = actions.read(directory.agency_of(viewer()), form.lines)
        return _rows_page(form, rows, seen=mark_of(rows)), 409
    kept = sum(row.kind in (Kind.NEW, Kind.UPDATED) for row in rows)
    done = ngettext("%(num)d row was taken in.", "%(num)d rows were taken in.", kept)
    if not any(row.is_refused for row in rows):
        flash(done, "success")
        return redirect(url_for("hotline.send"), 303)
    return _rows_page(form, rows, done=done)


@bp.post("/hotline/refused")
@allow(*OFFICERS)
@commits
def refused() -> Any:
    """The rows that were refused, as a file, with the reason beside each."""
    form = SheetForm((*COLUMNS, REASON), ())
    if not form.validate_on_submit():
        abort(400)
    return _file("xlsx", "hotline-refused", *table_of(form.lines, (*COLUMNS, REASON)))


@bp.get("/hotline/template.<form>")
@allow(*OFFICERS)
def template(form: str) -> Any:
    """A file with one row as an example; beside it, in a workbook, what the columns mean."""
    return _file(form, "hotline-template", COLUMNS, [list(EXAMPLE)], MEANINGS)


@bp.post("/hotline/answers")
@allow(*OFFICERS)
@commits
def answers() -> Any:
    """What became of the calls of some days, to be handed back to the hotline; who took it away is written down."""
    form, agency = AnswersForm(), directory.agency_of(viewer())
    if not form.validate_on_submit():
        return _first_page(SheetForm(COLUMNS, NEEDED, MOST_CALLS), form), 422
    found = queries.answers(viewer(), Period(form.start.data, form.end.data, agency.timezone))
    audit.note(Verb.EXPORTED, "hotline_call", agency_id=agency.id, detail=str(len(found)))
    table = [[_cell(getattr(each, column), agency) for column in ANSWERS] for each in found]
    return _file(form.form.data, f"hotline-answers-{form.start.data}-{form.end.data}", ANSWERS, table)


def mark_of(rows: Sequence[Row]) -> str:
    """What a preview showed, in short."""
    shown = [
        (
            *(row.line.number, row.number, row.kind, row.reference),
            *(row.due_before, row.due_after, row.says_more, row.is_without_contract),
        )
        for row in rows
    ]
    return hashlib.sha256(repr((shown, [row.problems for row in rows])).encode()).hexdigest()


def refused_lines(rows: Iterable[Row]) -> list[Line]:
    """The rows that were refused as they came, and the reason beside each."""
    return with_reasons((row.line, reasons(row)) for row in rows if row.is_refused)


def reasons(row: Row) -> str:
    """All that is wrong with a row, by column."""
    return _("; ").join(_("%(column)s %(why)s", column=column, why=why) for column, why in row.problems)


def _first_page(form: SheetForm, wanted: AnswersForm | None = None) -> str:
    today = day_of(clock.now(), directory.agency_of(viewer()).timezone)
    if wanted is None:
        wanted = AnswersForm(None, data={"start": today - timedelta(days=1), "end": today, "form": "xlsx"})
    columns = [(name, str(meaning)) for name, meaning in MEANINGS.items()]
    return render_template("hotline/send.html", form=form, answers=wanted, columns=columns)


def _rows_page(form: SheetForm, rows: Sequence[Row], *, seen: str = "", done: str = "") -> str:
    counts = {
        _("New"): sum(row.kind == Kind.NEW for row in rows),
        _("Updated"): sum(row.kind == Kind.UPDATED for row in rows),
        _("As they were"): sum(row.kind == Kind.SAME for row in rows),
        _("Not taken in"): sum(row.is_refused for row in rows),
    }
    without = sum(row.is_without_contract for row in rows)
    shown = sorted(
        (row for row in rows if row.is_refused or not done),
        key=lambda row: (not row.is_refused, not row.is_without_contract),
    )
    return render_template(
        "hotline/rows.html",
        form=form,
        rows=shown[:SHOWN],
        more=max(0, len(shown) - SHOWN),
        counts=counts,
        without_contract=0 if done else without,
        takes=any(row.kind in (Kind.NEW, Kind.UPDATED) for row in rows),
        refused=packed(refused_lines(rows)),
        refuses=any(row.is_refused for row in rows),
        seen=seen,
        done=done,
        reasons=reasons,
        zone=directory.agency_of(viewer()).timezone,
    )


def _cell(value: Any, agency: Agency) -> Cell:
    """As the agency's wall shows it: spreadsheets know no zones."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(agency.timezone)).replace(tzinfo=None)
    return value if isinstance(value, (str, date)) or value is None else str(value)


def _file(
    form: str,
    name: str,
    columns: Sequence[str],
    table: Sequence[Sequence[Cell]],
    meanings: Mapping[str, Any] | None = None,
) -> Response:
    if form == "csv":
        body, mimetype = as_csv(columns, table), CSV_MIMETYPE
    elif form == "xlsx":
        book = Workbook(_("Hotline"))
        book.add(_("Hotline"), columns, table)
        if meanings:
            rows = [[column, str(meaning)] for column, meaning in meanings.items()]
            book.add(_("What the columns mean"), [_("Column"), _("Meaning")], rows)
        body, mimetype = book.close(), MIMETYPE
    else:
        abort(404)
    return Response(body, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'}, mimetype=mimetype)
