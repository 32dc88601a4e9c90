"""How what residents answered to an agency's own questions is said on a page, in a sheet and in print."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.directory.aspects import ASPECTS
from app.intake.answer_wording import yes_or_no
from app.reports.question_answers import Counted, OwnQuestion
from app.web.filters import said
from app.web.texts import gettext as _

NAMES: dict[str, Any] = {
    "1": _l("1 Very bad"),
    "2": _l("2 Bad"),
    "3": _l("3 Neither good nor bad"),
    "4": _l("4 Good"),
    "5": _l("5 Very good"),
    "same_day": _l("Told on the same day"),
    "week": _l("Told within a week"),
    "longer": _l("Told later"),
}


def name_of(counted: Counted) -> str:
    """One of the answers: a choice in the agency's words, else ours."""
    if counted.key in ("yes", "no"):
        return yes_or_no(counted.key == "yes")
    return said(counted.text) or str(NAMES.get(counted.key, counted.key))


def aspect_name(aspect: str) -> str:
    return str(ASPECTS.get(aspect, aspect))


def basis(question: OwnQuestion) -> str:
    """What the figures of a question rest on."""
    return _(
        "%(answered)s of %(offered)s who were asked have answered; %(unanswered)s have not.",
        answered=question.answered,
        offered=question.offered,
        unanswered=question.unanswered,
    )


def head() -> Sequence[str]:
    """The columns of a sheet with every answer, a row each."""
    columns = [_("Key"), _("Question"), _("Answer"), _("Asked"), _("Answered"), _("Not answered")]
    return [*columns, _("Value"), _("Numerator"), _("Denominator"), _("Low"), _("High")]


def rows(questions: Sequence[OwnQuestion]) -> list[list[Any]]:
    """What drove it rests on those to whom the aspect was offered, all else on those who answered."""
    found: list[list[Any]] = []
    for each in questions:
        text = said(each.wording)
        found.append([each.key, text, None, each.offered, each.answered, each.unanswered])
        for of in each.counts:
            cells = [of.share.value, of.share.numerator, of.share.denominator, of.share.low, of.share.high]
            found.append([each.key, text, name_of(of), None, None, None, *cells])
        for driven in each.drivers:
            for way, share in ((_("Good"), driven.positive), (_("Not good"), driven.negative)):
                answer = _("%(aspect)s: %(way)s", aspect=aspect_name(driven.aspect), way=way)
                counts = [driven.offered, driven.offered - driven.unanswered, driven.unanswered]
                cells = [share.value, share.numerator, share.denominator, share.low, share.high]
                found.append([each.key, text, answer, *counts, *cells])
    return found
