"""Taking in what a hotline took down: each number once, and again only for what is new about it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.actions import NoAddress, tidy_address
from app.audit import actions as audit
from app.audit.rules import Verb
from app.cases import actions as cases
from app.directory.models import Agency, Contract, ContractSite, Site
from app.directory.rules import Days, overlap
from app.extensions import data_keys, db
from app.hotline.rules import AHEAD, LONGEST_NUMBER, LONGEST_PHONE, key_of
from app.intake import actions as intake
from app.intake.models import Feedback, HotlineCall
from app.intake.rules import LONGEST_PLACE, LONGEST_TEXT, NewFeedback, clean, kind_of
from app.kernel import clock
from app.kernel.errors import MoveNotAllowed
from app.kernel.periods import day_of
from app.kernel.words import Channel, FeedbackKind
from app.outbox.actions import promise
from app.web.languages import LANGUAGES
from app.web.sheets import Cells, Line
from app.web.texts import gettext as _


class Kind(StrEnum):
    """What a row does."""

    NEW = "new"
    UPDATED = "updated"
    SAME = "same"


@dataclass(frozen=True)
class Call:
    """A call as its row says it, read and checked; ``text_mark`` tells its text from another."""

    new: NewFeedback
    number: str
    due_at: datetime | None
    text_mark: str


@dataclass(frozen=True)
class Row:
    """What a row does: a new feedback, an update of the one with our ``reference``, or nothing."""

    line: Line
    number: str
    kind: Kind | None = None
    call: Call | None = None
    feedback_id: int | None = None
    reference: str | None = None
    # Deadlines before and after, where the row changes it; and whether it says something new.
    due_before: datetime | None = None
    due_after: datetime | None = None
    says_more: bool = False
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def is_refused(self) -> bool:
        return bool(self.problems)

    @property
    def is_without_contract(self) -> bool:
        """Whether it is a new call about a site at which no contract was in force."""
        return self.kind == Kind.NEW and self.call is not None and self.call.new.contract_id is None


@dataclass(frozen=True)
class Ready:
    """A new call as it will be written, with its case where it is a complaint."""

    call: Call
    feedback: intake.Ready
    opening: cases.Opening | None


def read(agency: Agency, lines: Sequence[Line]) -> list[Row]:
    """What each row would do; changes nothing."""
    reader = _Reader(agency, lines)
    return [reader.row_of(line) for line in lines]


def make_ready(rows: Sequence[Row]) -> list[Ready]:
    """All of taking new calls in that can be done before the writers' turn is taken."""
    return [
        Ready(
            row.call,
            intake.make_ready(row.call.new),
            cases.opening_of(row.call.new) if row.call.new.kind == FeedbackKind.COMPLAINT else None,
        )
        for row in rows
        if row.kind == Kind.NEW and row.call is not None
    ]


def take_in(agency_id: int, rows: Sequence[Row], ready: Sequence[Ready]) -> list[Row]:
    """Do what the rows that were not refused do; what has become impossible since is refused. Flushes.

    ``IntegrityError`` where somebody else takes the same number in at the same time.
    """
    with audit.as_one():
        for each in ready:
            _new(each)
    if ready:
        audit.note(Verb.TAKEN_IN, "hotline_call", agency_id=agency_id, detail=str(len(ready)))
    done = [_update(row) if row.kind == Kind.UPDATED else row for row in rows]
    db.session.flush()
    return done


def _new(ready: Ready) -> None:
    call, received = ready.call, intake.receive(ready.feedback)
    if ready.opening is not None:
        cases.open_new(received.id, ready.opening)
    if call.new.email:
        promise("resident.receipt", agency_id=received.agency_id, feedback_id=received.id)
    db.session.add(
        HotlineCall(
            feedback_id=received.id,
            agency_id=received.agency_id,
            number=call.number,
            number_key=key_of(call.number),
            due_at=call.due_at,
            text_mark=call.text_mark,
            taken_in_at=clock.now(),
        )
    )


def _update(row: Row) -> Row:
    known = db.session.get_one(HotlineCall, row.feedback_id)
    call = row.call
    if call is None:
        return row
    if row.says_more:
        try:
            with db.session.begin_nested():
                cases.resident_adds(known.feedback, call.new.text or "")
        except MoveNotAllowed:
            why = _("is new, and nothing can be added: the case is over")
            return Row(row.line, row.number, problems=(("text", why),))
        known.text_mark = call.text_mark
    if row.due_after is not None:
        known.due_at = row.due_after
    return row


class _Reader:
    """Reads rows against what the agency has: its sites, who serves them when, and the numbers that are known."""

    def __init__(self, agency: Agency, lines: Sequence[Line]):
        self.agency, self.now = agency, clock.now()
        sites = select(Site).where(Site.agency_id == agency.id)
        self.sites = {site.code_key: site for site in db.session.scalars(sites)}
        self.placings: dict[int, list[ContractSite]] = defaultdict(list)
        placed = select(ContractSite).where(ContractSite.agency_id == agency.id)
        for placing in db.session.scalars(placed.options(joinedload(ContractSite.contract))):
            self.placings[placing.site_id].append(placing)
        self.seen: dict[str, int] = {}
        self.known: dict[str, HotlineCall] = {}
        keys = [key_of(line.cells.get("number", "")) for line in lines]
        calls = select(HotlineCall).options(joinedload(HotlineCall.feedback).joinedload(Feedback.site))
        for start in range(0, len(keys), 500):
            mine = HotlineCall.agency_id == agency.id, HotlineCall.number_key.in_(keys[start : start + 500])
            self.known |= {call.number_key: call for call in db.session.scalars(calls.where(*mine))}

    def row_of(self, line: Line) -> Row:
        cells = Cells(line)
        number = cells.needed("number", LONGEST_NUMBER)
        key = key_of(number)
        if not cells.problems and self.seen.setdefault(key, line.number) != line.number:
            cells.wrong("number", _("is in row %(row)s already", row=self.seen[key]))
        call = self._call(cells, number)
        known = self.known.get(key)
        if known is not None and call is not None and known.feedback.site_id != call.new.site_id:
            code = known.feedback.site.code
            cells.wrong("site", _("is another than before, which was %(site)s", site=code))
        if cells.problems or call is None:
            return Row(line, number, problems=tuple(cells.problems))
        if known is None:
            return Row(line, number, Kind.NEW, call, due_after=call.due_at)
        return _update_of(known, call, line)

    def _call(self, cells: Cells, number: str) -> Call | None:
        """What was said, where and when; None where something is wrong."""
        timezone = self.agency.timezone
        at = cells.moment("received_at", timezone)
        if at is None and not cells.has("received_at"):
            cells.wrong("received_at", _("is empty"))
        if at is not None and at > self.now + AHEAD:
            cells.wrong("received_at", _("is in the future"))
        due_at = cells.moment("deadline", timezone)
        if at is not None and due_at is not None and due_at < at:
            cells.wrong("deadline", _("is before the call"))
        site = self.sites.get(cells.needed("site", 40).casefold())
        if site is None and cells.has("site"):
            cells.wrong("site", _("is no site of the agency"))
        contract = self._contract(cells, site, day_of(at, timezone)) if site and at else None
        rating = cells.whole("rating", 1, 5)
        kind = cells.one_of("kind", FeedbackKind)
        text, place = cells.text("text", LONGEST_TEXT), cells.text("place", LONGEST_PLACE)
        if not text and rating is None and not cells.has("rating"):
            cells.wrong("text", _("is empty, and there is no rating"))
        email = self._email(cells)
        phone = cells.text("phone", LONGEST_PHONE)
        language = cells.one_of("language", LANGUAGES) or self._language()
        if cells.problems or site is None or at is None:
            return None
        # Who calls a hotline to complain rates nothing: without a word on the kind it is a complaint.
        new = NewFeedback(
            agency_id=self.agency.id,
            site_id=site.id,
            contract_id=contract.id if contract else None,
            kind=FeedbackKind(kind) if kind else kind_of(wants_answer=True, rating=rating),
            rating=rating,
            text=clean(text) if text else None,
            place=clean(place) if place else None,
            email=email,
            phone=phone,
            is_shared=False,
            language=language,
            channel=Channel.HOTLINE,
            submitted_at=min(at, self.now),
        )
        return Call(new, number, due_at, data_keys().fingerprint(new.text or ""))

    def _contract(self, cells: Cells, site: Site, day: date) -> Contract | None:
        """The contract in force there on that day; which one, where there are several, the row must say."""
        on = Days(day, day)
        serving = [
            placing.contract
            for placing in self.placings[site.id]
            if overlap(placing, on) and overlap(placing.contract, on)
        ]
        named = cells.text("contract", 60)
        if named is not None:
            serving = [each for each in serving if each.reference == named]
            if not serving:
                cells.wrong("contract", _("does not serve the site on that day"))
        elif len(serving) > 1:
            known = ", ".join(sorted(each.reference for each in serving))
            cells.wrong("contract", _("is empty, and several serve the site: %(known)s", known=known))
        return serving[0] if serving else None

    def _email(self, cells: Cells) -> str | None:
        email = cells.text("email", 254)
        try:
            return tidy_address(email) if email else None
        except NoAddress:
            cells.wrong("email", _("is no e-mail address"))
            return None

    def _language(self) -> str:
        return next((code for code in self.agency.languages if code in LANGUAGES), "en")


def _update_of(known: HotlineCall, call: Call, line: Line) -> Row:
    """What a number that is known says anew. An erased text is not brought back by sending it again."""
    changed: dict[str, Any] = {}
    if call.due_at is not None and call.due_at != known.due_at:
        changed = {"due_before": known.due_at, "due_after": call.due_at}
    if call.new.text and known.text_mark is not None:
        changed["says_more"] = known.text_mark not in data_keys().fingerprints(call.new.text)
    of: dict[str, Any] = {"feedback_id": known.feedback_id, "reference": known.feedback.reference}
    kind = Kind.UPDATED if any(changed.values()) else Kind.SAME
    return Row(line, call.number, kind, call, **of, **changed)
