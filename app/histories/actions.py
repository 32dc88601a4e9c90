"""Taking in past feedback and events: checked, analysed like new ones, all or nothing, repeatable."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from app.analysis import actions as analysis
from app.analysis.reading import Analysis, analyse
from app.audit import actions as audit
from app.audit.rules import Verb
from app.cases import imported_cases
from app.directory.models import Agency, Clause, Contract, ContractSite, Site
from app.extensions import db
from app.histories.rules import (
    EVENT_COLUMNS,
    FEEDBACK_COLUMNS,
    Line,
    PastEvent,
    PastFeedback,
    Wrong,
    event_of,
    feedback_of,
    lines_of,
)
from app.intake import actions as intake
from app.intake.models import Feedback
from app.intake.rules import NewFeedback, clean
from app.kernel.errors import ImportRefused
from app.kernel.words import EventKind
from app.web.transactions import begin_writing

Progress = Callable[[int, int], None]
BATCH = 500


@dataclass
class Intake:
    """What came of an import: how many were new, how many were there already, and which rows were refused and why."""

    feedback: int = 0
    events: int = 0
    known_feedback: int = 0
    known_events: int = 0
    refused: list[tuple[Line, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a feedback of the past belongs: its contract, site and clause as rows."""

    contract: Contract
    site: Site
    clause: Clause | None


def read_files(feedback: Path, events: Path) -> tuple[list[PastFeedback], list[PastEvent], list[tuple[Line, str]]]:
    """The rows of both files, and those that cannot be read with the reason.

    ``ImportRefused`` where a file as a whole cannot be: no CSV, unknown or missing columns.
    """
    refused: list[tuple[Line, str]] = []
    said: list[PastFeedback] = []
    happened: list[PastEvent] = []
    try:
        for line in lines_of(feedback, FEEDBACK_COLUMNS):
            try:
                said.append(feedback_of(line))
            except Wrong as wrong:
                refused.append((line, str(wrong)))
        for line in lines_of(events, EVENT_COLUMNS):
            try:
                happened.append(event_of(line))
            except Wrong as wrong:
                refused.append((line, str(wrong)))
    except (ValueError, OSError) as error:
        raise ImportRefused([str(error)]) from None
    return said, happened, refused


def take_in(
    feedback: Sequence[PastFeedback],
    events: Sequence[PastEvent],
    *,
    agency: Agency | None = None,
    refused: Iterable[tuple[Line, str]] = (),
    good_rows: bool = False,
    progress: Progress = lambda done, of: None,
) -> Intake:
    """Write the feedback and events of the past, their readings and cases, in one transaction; commits.

    Rows that cannot be taken in make it refuse all (``ImportRefused`` names each), unless ``good_rows`` is asked for:
    then they are left out and listed. What was taken in before, by its reference, is left as it is.
    """
    made = Intake(refused=list(refused))
    places = _Places(agency)
    good: list[tuple[PastFeedback, Place]] = []
    seen: dict[str, PastFeedback] = {}
    for said in feedback:
        try:
            place = places.of(said)
            if said.reference in seen:
                raise Wrong(
                    "reference",
                    said.reference,
                    f"a reference of its own; line {seen[said.reference].line.number} has it",
                )
        except Wrong as wrong:
            made.refused.append((said.line, str(wrong)))
            continue
        seen[said.reference] = said
        good.append((said, place))

    by_reference = _in_order(events, seen, made)
    if made.refused and not good_rows:
        raise ImportRefused([f"{line}: {why}" for line, why in sorted(made.refused, key=_where)])

    known = _known(good)
    fresh = [(said, place) for said, place in good if (place.contract.id, said.reference) not in known]
    made.known_feedback = len(good) - len(fresh)
    db.session.rollback()
    readings = dict(_read([said for said, _ in fresh], progress))

    begin_writing()
    with audit.as_one():
        rows = intake.receive_many([_new(said, place) for said, place in fresh])
        for start in range(0, len(rows), BATCH):
            batch = list(zip(fresh[start : start + BATCH], rows[start : start + BATCH], strict=True))
            analysis.keep_many(
                [(row, readings[said.reference]) for (said, _), row in batch if said.reference in readings]
            )
        feedback_ids = known | {
            (place.contract.id, said.reference): row for (said, place), row in zip(fresh, rows, strict=True)
        }
        written = imported_cases.bring_in(
            (
                imported_cases.PastCase(
                    feedback=feedback_ids[place.contract.id, said.reference],
                    contract=place.contract,
                    clause=place.clause,
                    events=[
                        imported_cases.PastHappening(e.at, e.kind, e.actor, e.message, e.rating, e.attribution)
                        for e in by_reference.get(said.reference, ())
                    ],
                )
                for said, place in good
            )
        )
    for agency_id, number in Counter(place.contract.agency_id for _, place in fresh).items():
        audit.note(Verb.TAKEN_IN, "feedback", agency_id=agency_id, detail=str(number))
    db.session.commit()
    made.feedback, made.events, made.known_events = len(fresh), written.events, written.known_events
    return made


def _in_order(events: Iterable[PastEvent], seen: dict[str, PastFeedback], made: Intake) -> dict[str, list[PastEvent]]:
    """The events of each feedback in the order of their time; those that cannot be are refused."""
    by_reference: dict[str, list[PastEvent]] = defaultdict(list)
    for event in events:
        if event.reference in seen:
            by_reference[event.reference].append(event)
        else:
            made.refused.append((event.line, str(Wrong("reference", event.reference, "one of the feedback file"))))
    for reference, happened in by_reference.items():
        happened.sort(key=lambda event: event.at)
        submitted_at = seen[reference].submitted_at
        withdrawn_at = next((event.at for event in happened if event.kind == EventKind.WITHDRAWN), None)
        for event in list(happened):
            if event.at < submitted_at:
                expected = f"not before the feedback's submission, {submitted_at.isoformat()}"
            elif withdrawn_at and event.at > withdrawn_at and event.kind != EventKind.VERDICT:
                expected = f"not after its withdrawal, {withdrawn_at.isoformat()}"
            else:
                continue
            happened.remove(event)
            made.refused.append(
                (event.line, str(Wrong("at", event.line.cells.get("at", event.at.isoformat()), expected)))
            )
    return by_reference


def _where(refused: tuple[Line, str]) -> tuple[str, int]:
    return refused[0].file, refused[0].number


class _Places:
    """The directory by the names that files use: loaded once, asked for every row."""

    def __init__(self, agency: Agency | None):
        contracts = select(Contract)
        sites = select(Site)
        if agency is not None:
            contracts = contracts.where(Contract.agency_id == agency.id)
            sites = sites.where(Site.agency_id == agency.id)
        self.contracts: dict[str, list[Contract]] = defaultdict(list)
        for contract in db.session.scalars(contracts):
            self.contracts[contract.reference].append(contract)
        self.sites = {site.code_key: site for site in db.session.scalars(sites)}
        self.clauses = {(clause.contract_id, clause.code): clause for clause in db.session.scalars(select(Clause))}
        self.first: dict[int, Clause] = {}
        for clause in sorted(self.clauses.values(), key=lambda clause: clause.position, reverse=True):
            self.first[clause.contract_id] = clause
        self.served = {
            tuple(pair) for pair in db.session.execute(select(ContractSite.contract_id, ContractSite.site_id))
        }

    def of(self, said: PastFeedback) -> Place:
        found = self.contracts.get(said.contract, [])
        if not found:
            raise Wrong("contract", said.contract, "the reference of a contract in the directory")
        site = self.sites.get(said.site.casefold())
        if len(found) > 1:
            found = [contract for contract in found if site is not None and contract.agency_id == site.agency_id]
            if len(found) != 1:
                raise Wrong("contract", said.contract, "a reference that one agency has; name the agency")
        contract = found[0]
        if site is None or (contract.id, site.id) not in self.served:
            raise Wrong("site", said.site, f"the code of a site of contract {contract.reference}")
        clause = self.first.get(contract.id)
        if said.clause:
            clause = self.clauses.get((contract.id, said.clause))
            if clause is None:
                raise Wrong("clause", said.clause, f"a clause of contract {contract.reference}")
        return Place(contract, site, clause)


def _known(good: Sequence[tuple[PastFeedback, Place]]) -> dict[tuple[int, str], Feedback]:
    """The feedback that was taken in before, by contract and reference."""
    found: dict[tuple[int, str], Feedback] = {}
    for contract_id in {place.contract.id for _, place in good}:
        query = select(Feedback).where(Feedback.contract_id == contract_id, Feedback.external_reference.is_not(None))
        for feedback in db.session.scalars(query):
            found[contract_id, feedback.external_reference or ""] = feedback
    return found


def _read(feedback: Sequence[PastFeedback], progress: Progress) -> Iterator[tuple[str, Analysis]]:
    """Analyse what has text, outside any transaction: this is the slow part."""
    for done, said in enumerate(feedback):
        if done % 100 == 0:
            progress(done, len(feedback))
        if said.text:
            yield said.reference, analyse(clean(said.text))
    progress(len(feedback), len(feedback))


def _new(said: PastFeedback, place: Place) -> NewFeedback:
    return NewFeedback(
        agency_id=place.contract.agency_id,
        site_id=place.site.id,
        contract_id=place.contract.id,
        kind=said.kind,
        rating=said.rating,
        text=clean(said.text) if said.text else None,
        place=None,
        email=None,
        phone=None,
        is_shared=False,
        language=said.language or "en",
        channel=said.channel,
        submitted_at=said.submitted_at,
        external_reference=said.reference,
    )
