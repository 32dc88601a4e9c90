"""What a correction changes against the report that it corrects, figure by figure, in the words of the report."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from app.kernel.words import in_language
from app.measures.survival import Times
from app.reports import definitions, sentences
from app.reports.frozen import differences
from app.web.filters import number
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.texts import ngettext

Content = Mapping[str, Any]
"""A report's or an overview's JSON, or a part of it."""

Changed = tuple[str, str, str]
"""Name, what the corrected report said, what this one says."""

NO_FIGURES = frozenset({"names", "as_of", "compared_with"})
"""Another moment is told beside, and names are no figures."""


def changed_figures(before: Content, now: Content) -> list[Changed]:
    """Of two reports of one contract, as they were frozen; empty only where no figure differs."""
    valid, validated = before["validated"], now["validated"]
    rows = [
        *_pairs(before["measures"], now["measures"], _measure),
        *_pairs(valid["measures"], validated["measures"], lambda key: _("Validated: %(name)s", name=_measure(key))),
        *_pairs(valid["verdicts"], validated["verdicts"], _verdict),
        *_pairs(_judging(valid), _judging(validated), _judging_name),
        *_pairs(_negative(before), _negative(now), _aspect),
        *_groups(before["sites"], now["sites"], lambda code: _("Site %(code)s", code=code)),
        *_groups(before["clauses"], now["clauses"], lambda code: _("Clause %(code)s", code=code)),
        *_kpis("", before["kpis"], now["kpis"]),
        *_clause_kpis(before.get("clause_kpis", []), now.get("clause_kpis", [])),
        *_lists(before, now),
    ]
    return _that_read_differently(rows) or _rest(before, now)


def changed_figures_of_several(before: Content, now: Content) -> list[Changed]:
    """Of two reports of several contracts; each contract by its reference."""
    rows = [*_pairs(before["measures"], now["measures"], _measure)]
    old, new = ({line["contract"]: line for line in of["contracts"]} for of in (before, now))
    for reference in dict.fromkeys([*old, *new]):
        if reference not in old or reference not in new:
            there = {True: _("in the report"), False: "–"}
            rows.append((reference, there[reference in old], there[reference in new]))
            continue
        ours, theirs = old[reference], new[reference]
        valid, validated = (
            {key: line["validated"][key] for key in ("on_time_response_rate",)} for line in (ours, theirs)
        )
        of_it = [
            *_pairs(ours["measures"], theirs["measures"], _measure),
            *_pairs(valid, validated, lambda key: _("Validated: %(name)s", name=_measure(key))),
        ]
        rows += [(f"{reference} {name}", then, after) for name, then, after in of_it]
        rows += _kpis(f"{reference} ", ours["kpis"], theirs["kpis"])
    return _that_read_differently([*rows, *_lists(before, now)]) or _rest(before, now)


def _that_read_differently(rows: Iterable[Changed]) -> list[Changed]:
    """Without what differs only behind the digits that are shown."""
    return [row for row in rows if row[1] != row[2]]


def _pairs(before: Content, now: Content, name: Callable[[str], str]) -> list[Changed]:
    """What differs between two parts with the same keys; of a key that one of them does not have, a dash."""
    return [
        (name(key), _figure(before.get(key), key), _figure(now.get(key), key))
        for key in dict.fromkeys([*before, *now])
        if any(True for _line in differences(before.get(key), now.get(key)))
    ]


def _groups(before: Sequence[Content], now: Sequence[Content], name: Callable[[str], str]) -> list[Changed]:
    """Sites or clauses: how much was received and what was answered in time."""
    old, new = ({each["code"]: each for each in groups} for groups in (before, now))
    rows = []
    for code in dict.fromkeys([*old, *new]):
        ours, theirs = old.get(code), new.get(code)
        if any(True for _line in differences(ours, theirs)):
            rows.append((name(code), _group(ours), _group(theirs)))
    return rows


def _group(group: Content | None) -> str:
    if group is None:
        return "–"
    return _(
        "%(received)s, %(cases)s, %(open)d open, %(overdue)d overdue; answered in time %(share)s; "
        "negative %(negative)s",
        received=ngettext("%(num)d piece of feedback", "%(num)d pieces of feedback", group["received"]),
        cases=ngettext("%(num)d case", "%(num)d cases", group["cases"]),
        open=group["open"],
        overdue=group["overdue"],
        share=_figure(group["on_time"]),
        negative=_figure(group["negative"]),
    )


def _kpis(prefix: str, before: Iterable[Content], now: Iterable[Content]) -> list[Changed]:
    """KPIs that say something else, or that one of the two does not have."""
    old, new = ({kpi["code"]: kpi for kpi in kpis} for kpis in (before, now))
    rows = [
        (prefix + _kpi_name(new.get(code) or old[code]), _kpi_figure(old.get(code)), _kpi_figure(new.get(code)))
        for code in dict.fromkeys([*old, *new])
    ]
    return [row for row in rows if row[1] != row[2]]


def _clause_kpis(before: Iterable[Content], now: Iterable[Content]) -> list[Changed]:
    old, new = ({clause["code"]: clause["kpis"] for clause in clauses} for clauses in (before, now))
    return [
        row
        for code in dict.fromkeys([*old, *new])
        for row in _kpis(_("Clause %(code)s, ", code=code), old.get(code, []), new.get(code, []))
    ]


def _kpi_name(kpi: Content) -> str:
    """Its code and what it measures; of one that is entered its title."""
    of = definitions.DEFINITIONS.get(kpi["measure"])
    title = of.name if of else in_language(kpi.get("title") or "", language())
    return f"{kpi['code']} {title}"


def _kpi_figure(kpi: Content | None) -> str:
    if kpi is None:
        return "–"
    return f"{_figure(kpi)}, {definitions.RATINGS[kpi['rating']]}"


def _lists(before: Content, now: Content) -> list[Changed]:
    """How many cases are told by themselves, with those that came or went."""
    grave: list[list[str]] = [sorted(each["reference"] for each in of["grave"]) for of in (before, now)]
    disputed: list[list[str]] = [sorted(of["disputed"]) for of in (before, now)]
    told = ((_("Grave single cases"), grave), (_("Disputed by the provider, not judged yet"), disputed))
    return [(name, _told(old, new), _told(new, old)) for name, (old, new) in told if old != new]


def _told(these: Sequence[str], others: Sequence[str]) -> str:
    """How many, and which of them the other report does not tell."""
    alone = [each for each in these if each not in others]
    return ": ".join(filter(None, (str(len(these)), ", ".join(alone))))


def _rest(before: Content, now: Content) -> list[Changed]:
    """Where no figure by name differs and something else does: how much, as it is not said that all is the same."""
    old, new = ({key: value for key, value in of.items() if key not in NO_FIGURES} for of in (before, now))
    lines = len(list(differences(old, new)))
    return [(_("Weeks, curves and comparisons"), "–", _("%(n)d numbers differ", n=lines))] if lines else []


def _measure(key: str) -> str:
    of = definitions.DEFINITIONS.get(key)
    return str(of.name) if of else _("Cases per 1,000 units delivered")


def _verdict(key: str) -> str:
    return _("Verdict: %(verdict)s", verdict=definitions.VERDICTS[key])


def _judging(of: Content) -> dict[str, Any]:
    return {**{key: of[key] for key in ("judged", "judging_hours", "in_reply", "contested")}, **of["checked"]}


def _judging_name(key: str) -> str:
    return {
        "judged": _("Cases with a verdict"),
        "judging_hours": _("Working hours until the agency judged"),
        "in_reply": _("Waiting for a reply or for the agency's answer to it"),
        "contested": _("Contested by the provider"),
        "same": _("A second person found the same"),
        "otherwise": _("A second person found otherwise"),
    }[key]


def _negative(of: Content) -> dict[str, Any]:
    return {aspect: figures["negative"] for aspect, figures in of["aspects"].items()}


def _aspect(key: str) -> str:
    return _("Negative about %(aspect)s", aspect=definitions.ASPECTS[key])


def _figure(figure: Any, key: str = "") -> str:
    """A figure of a report's JSON in words."""
    if figure is None:
        return "–"
    if not isinstance(figure, Mapping):
        return str(figure)
    if "numerator" in figure:
        return _("%(n)d of %(of)d", n=figure["numerator"], of=figure["denominator"])
    if "p50" in figure:
        return sentences.within(Times(**figure))
    if key == "hours_with":
        return _(
            "agency %(agency)s, provider %(provider)s, resident %(resident)s working hours",
            **{holder: number(hours) for holder, hours in figure.items()},
        )
    if key == "last_word":
        return ", ".join(f"{name} {figure[word]}" for word, name in definitions.OUTCOMES.items())
    return number(figure["value"]) if isinstance(figure["value"], float) else str(figure["value"])
