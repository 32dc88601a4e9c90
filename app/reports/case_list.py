"""The feedback behind one number: what is listed, under which heading, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel.words import Aspect, Attribution, FeedbackKind, Words, in_language
from app.measures.cohort import SHARES
from app.measures.membership import COUNTED, Part
from app.reports import definitions, queries, sentences
from app.reports.counting import Line
from app.reports.overview import GatheredOverview
from app.reports.report import Gathered
from app.web.access import Viewer
from app.web.languages import language
from app.web.texts import gettext as _

PAGE_SIZE = 50


ABOUT_STAFF = (f"aspect-{Aspect.STAFF}", f"tone-{Aspect.STAFF}")
"""Never of one site: few work there, and it would be a figure about one of them."""


@dataclass(frozen=True)
class Row:
    reference: str
    submitted_at: datetime
    kind: FeedbackKind
    rating: int | None
    site: Words
    status: str | None
    text: str | None


@dataclass(frozen=True)
class CaseList:
    """One page of the feedback behind a number. ``withheld``: so many are not the viewer's to open."""

    title: str
    formula: str
    rows: tuple[Row, ...]
    total: int
    withheld: int
    page: int


def case_list(viewer: Viewer, gathered: Gathered | GatheredOverview, asked: Mapping[str, str]) -> CaseList | None:
    """The list that the address asks for; None where there is no such number, site, clause or page."""
    try:
        part = Part(asked.get("part") or "all")
        number = int(asked.get("page") or 1)
        lines = _behind(gathered, asked.get("of", ""), part)
    except (KeyError, ValueError):
        return None
    names = queries.sites({line.place.site_id for line in gathered.lines})
    where = ""
    if site := asked.get("site"):
        if asked.get("of", "").startswith(ABOUT_STAFF):
            return None
        found = next((id_ for id_, (code, _name) in names.items() if code == site), None)
        where = in_language(names[found][1], language()) if found is not None else ""
        lines = [line for line in lines if line.place.site_id == found]
    if clause := asked.get("clause"):
        found_clause = gathered.of_clause(clause)
        if found_clause is None:
            return None
        name, wanted = found_clause
        where = f"{clause} {in_language(name, language())}"
        lines = [line for line in lines if line.place.reference in wanted]
    if asked.get("validated"):
        lines = [line for line in lines if _is_the_providers(line)]
        where = " · ".join(filter(None, (where, _("Validated: the provider's"))))
    ours = queries.visible(viewer, [line.place.reference for line in lines])
    shown = [line for line in reversed(lines) if line.place.reference in ours]
    if number < 1 or (number > 1 and (number - 1) * PAGE_SIZE >= len(shown)):
        return None
    some = shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    texts = queries.texts(viewer, [line.place.reference for line in some])
    return CaseList(
        title=" · ".join(filter(None, (_title(asked.get("of", ""), part), where))),
        formula=_formula(asked.get("of", "")),
        rows=tuple(_row(line, names, texts) for line in some),
        total=len(shown),
        withheld=len(lines) - len(shown),
        page=number,
    )


def _behind(gathered: Gathered | GatheredOverview, of: str, part: Part) -> list[Line]:
    if of in gathered.lists:
        wanted = frozenset(gathered.lists[of])
        return [line for line in gathered.lines if line.place.reference in wanted]
    if of.startswith("channel-"):
        return [line for line in gathered.lines if line.place.channel == of.removeprefix("channel-")]
    if of not in COUNTED:
        raise KeyError(of)
    return gathered.behind(of, part)


def _is_the_providers(line: Line) -> bool:
    clocks = line.reckoned.clocks
    return clocks is not None and clocks.state.attribution == Attribution.PROVIDER


def _title(of: str, part: Part) -> str:
    name = _name(of)
    if of not in SHARES and not of.startswith("aspect-"):
        return name
    return {
        Part.YES: name,
        Part.NO: _("Not: %(name)s", name=name),
        Part.ALL: _("All counted for: %(name)s", name=name),
    }[part]


def _name(of: str) -> str:
    if of in definitions.DEFINITIONS:
        return str(definitions.DEFINITIONS[of].name)
    if of.startswith("aspect-"):
        return _("Negative about %(aspect)s", aspect=definitions.ASPECTS[of.removeprefix("aspect-")])
    if of.startswith("tone-"):
        aspect, tone = of.removeprefix("tone-").split("-")
        return _("%(aspect)s: %(tone)s", aspect=definitions.ASPECTS[aspect], tone=definitions.TONES[tone])
    if of.startswith("verdict-"):
        return _("Verdict: %(verdict)s", verdict=definitions.VERDICTS[of.removeprefix("verdict-")])
    if of.startswith("channel-"):
        return _("How it came: %(channel)s", channel=sentences.came_by(of.removeprefix("channel-")))
    own: dict[str, Any] = {
        **definitions.OUTCOMES,
        "grave": _("Grave single cases"),
        "disputed": _("Disputed by the provider"),
        "not_yet_due": _("Not yet due"),
        "resolution_not_yet_due": _("Not yet due to be resolved"),
    }
    return str(own[of])


def _formula(of: str) -> str:
    if of in definitions.DEFINITIONS:
        return str(definitions.DEFINITIONS[of].formula)
    return str(definitions.DEFINITIONS["last_word"].formula) if of in definitions.OUTCOMES else ""


def _row(line: Line, names: Mapping[int, tuple[str, Words]], texts: Mapping[str, str]) -> Row:
    facts, clocks = line.reckoned.facts, line.reckoned.clocks
    return Row(
        reference=line.place.reference,
        submitted_at=facts.submitted_at,
        kind=facts.kind,
        rating=facts.rating,
        site=names[line.place.site_id][1],
        status=str(clocks.state.status) if clocks else None,
        text=texts.get(line.place.reference),
    )
