"""What an overview says, in sentences: the same on the page and in the PDF."""

from app.kernel.words import Words, in_language
from app.measures.notable_changes import Change
from app.reports import definitions, sentences
from app.reports.overview import ContractLine, Overview
from app.web.languages import language
from app.web.texts import gettext as _
from app.web.texts import ngettext


def verdict(overview: Overview) -> str:
    """The answer to "is it all right?": which contracts miss a target beyond doubt, and what all come to together."""
    binding = {
        line.reference: [each for each in line.ratings if not each.is_for_information] for line in overview.lines
    }
    judged = [line for line in overview.lines if binding[line.reference]]
    missed = [line for line in judged if line.missed]
    said = []
    if judged:
        met = sum(all(str(each.sure_verdict) == "met" for each in binding[line.reference]) for line in judged)
        said.append(
            ngettext(
                "Of %(num)d contract with KPIs, %(missed)d misses a target beyond doubt, %(met)d meets all of its own "
                "beyond doubt.",
                "Of %(num)d contracts with KPIs, %(missed)d miss a target beyond doubt, %(met)d meet all of theirs "
                "beyond doubt.",
                len(judged),
                missed=len(missed),
                met=met,
            )
        )
        if others := len(judged) - len(missed) - met:
            said.append(ngettext("Of %(num)d it cannot be told.", "Of %(num)d it cannot be told.", others))
    if missed:
        named = _("; ").join(f"{line.reference} ({', '.join(line.missed)})" for line in missed)
        said.append(_("Missed beyond doubt: %(codes)s.", codes=named))
    on_time = overview.on_time
    if on_time.value is None:
        said.append(_("Nothing in this period has reached its limit, so nothing can be judged."))
    else:
        said.append(
            _(
                "Together, %(on_time)d of %(decided)d cases were answered in time, each by the limit of its own "
                "clause; %(open)d are open, %(overdue)d of them overdue.",
                on_time=on_time.numerator,
                decided=on_time.denominator,
                open=overview.counts["open"],
                overdue=overview.counts["overdue"],
            )
        )
    return sentences.together(*said)


def cover(overview: Overview) -> str:
    """The verdict in one paragraph: all right or not, what changed, which cases."""
    parts = [verdict(overview)]
    if overview.not_yet_due:
        parts.append(sentences.provisional(overview.not_yet_due, overview.on_time.denominator + overview.not_yet_due))
    parts += changes(overview)[:3] or [no_change(overview)]
    if overview.outcomes.n:
        parts.append(sentences.outcomes(overview.outcomes))
    if overview.grave:
        grave = len(overview.grave)
        parts.append(ngettext("%(num)d grave case is listed.", "%(num)d grave cases are listed.", grave))
    return sentences.together(*parts)


def changes(overview: Overview) -> list[str]:
    """What changed beyond chance, of all together and of each contract; the least likely to be chance first.

    Where the contract's own report finds no clear change in the same figures, it is said why.
    """
    found = [(each.p or 0, _change(None, each)) for each in overview.changes if each.is_notable]
    found += [
        (each.p or 0, " ".join(filter(None, (_change(line, each), _unlike_its_own(overview, line, each)))))
        for line in overview.lines
        for each in line.notable
    ]
    return [said for _p, said in sorted(found, key=lambda each: each[0])]


def _unlike_its_own(overview: Overview, line: ContractLine, each: Change) -> str:
    """Why a contract's own report finds no clear change where one is told here; empty where it finds it too."""
    if not any(own.key == each.key and not own.is_notable for own in line.own):
        return ""
    return _(
        "Here %(n)d comparisons are made together; the contract's own report makes %(m)d and finds no clear change.",
        n=overview.compared,
        m=sum(own.p is not None for own in line.own),
    )


def change_of(line: ContractLine) -> str:
    """What changed of one contract, for its line: empty where nothing could be compared."""
    if line.notable:
        return sentences.together(*(sentences.moved(_name(each.key), each) for each in line.notable))
    return _("no clear change") if any(each.p is not None for each in line.changes) else ""


def no_change(overview: Overview) -> str:
    """That nothing changed clearly, and how large a change of all together would have shown."""
    compared = [each for each in overview.changes if each.p is not None]
    if not compared:
        return sentences.nothing_to_compare(overview.changes)
    shown = sentences.what_would_show(_("All together, %(what)s", what=_name(compared[0].key)), compared[0])
    return sentences.together(_("No clear change against the period before."), shown)


def contracts(overview: Overview) -> str:
    """What the chart of the contracts shows."""
    decided = [line for line in overview.lines if line.on_time.value is not None]
    if not decided:
        return _("No limit to answer has fallen in this period.")
    low, high = (sentences.whole(end([line.on_time.value or 0 for line in decided])) for end in (min, max))
    if low == high:
        return ngettext(
            "Under the contract, %(share)s were answered in time.",
            "Under each of %(num)d contracts, %(share)s were answered in time.",
            len(decided),
            share=low,
        )
    return _(
        "Of %(n)d contracts, between %(low)s and %(high)s were answered in time. They stand in no rank: where "
        "intervals overlap, they may not differ.",
        n=len(decided),
        low=low,
        high=high,
    )


def _change(line: ContractLine | None, each: Change) -> str:
    if line is None:
        return sentences.moved(_("All together, %(what)s", what=_name(each.key)), each)
    what = _(
        "%(reference)s %(contract)s, %(what)s",
        reference=line.reference,
        contract=_said(line.title),
        what=_name(each.key),
    )
    return sentences.moved(what, each)


def _name(key: str) -> str:
    return str(definitions.DEFINITIONS[key].name)


def _said(words: Words) -> str:
    return in_language(words, language())
