"""How tags are said to staff."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.analysis.models import Correction
from app.analysis.possible_names import possible_names
from app.analysis.private import Private
from app.analysis.redaction import find
from app.kernel.shares import Share
from app.kernel.words import Aspect, Sentiment
from app.web.filters import percent_whole
from app.web.texts import gettext as _

SENTIMENTS: dict[Sentiment, Any] = {
    Sentiment.NEGATIVE: _l("Negative"),
    Sentiment.NEUTRAL: _l("Neutral"),
    Sentiment.POSITIVE: _l("Positive"),
}
ASPECTS: dict[str, Any] = {
    Aspect.TIMELINESS: _l("Timeliness"),
    Aspect.STAFF: _l("Staff"),
    Aspect.QUALITY: _l("Quality"),
    Aspect.COST: _l("Cost"),
    Aspect.ACCESS: _l("Access"),
    Aspect.SAFETY: _l("Safety"),
    Aspect.CLEANLINESS: _l("Cleanliness"),
    Aspect.INFORMATION: _l("Information"),
}


def tag_name(tag: str) -> str:
    """What staff call a tag of an evidence."""
    kind, _colon, name = tag.partition(":")
    if kind == "aspect":
        return str(ASPECTS.get(name, name))
    if tag == "urgent":
        return _("Urgent")
    if tag == "safeguarding":
        return _("Safeguarding")
    return str(SENTIMENTS[Sentiment(tag)])


def agreement_words(tone: Share) -> str:
    """How far tags can be trusted, in one sentence: "agreed with staff in 87 % of 412 checked, 83 % – 90 %"."""
    if not tone.denominator:
        return _("Tone of texts: nobody has checked yet how often the program agrees with staff.")
    return _(
        "Tone of texts: agreed with staff in %(share)s of %(n)s checked, %(low)s – %(high)s.",
        share=percent_whole(tone.value),
        n=tone.denominator,
        low=percent_whole(tone.low),
        high=percent_whole(tone.high),
    )


def correction_words(correction: Correction) -> str:
    """What a member said of a text, like "Negative, urgent"."""
    said: list[str] = []
    if correction.sentiment is not None:
        said.append(str(SENTIMENTS[correction.sentiment]))
    if correction.is_urgent is not None:
        said.append(_("urgent") if correction.is_urgent else _("not urgent"))
    if correction.aspects is not None:
        said.append(_("about: %(aspects)s", aspects=aspect_words(correction.aspects)))
    return _(", ").join(said)


def aspect_words(aspects: Sequence[str]) -> str:
    return _(", ").join(str(ASPECTS[aspect]) for aspect in aspects) if aspects else _("nothing in particular")


KINDS_OF_PRIVATE: dict[Private, Any] = {
    Private.EMAIL: _l("an e-mail address"),
    Private.PLATE: _l("a number plate"),
    Private.ADDRESS: _l("an address"),
    Private.ID: _l("a number of a person or a file"),
    Private.PHONE: _l("a phone number"),
    Private.NAME: _l("a name"),
}
"""What redaction would hide, for who writes something that others will read as it is."""


def private_in(text: str) -> list[str]:
    """What may name or reach somebody in a text: "a name: Mrs. Helga Brandt", "perhaps a name: Wang Wei".

    What redaction would hide first, then what looks like a full name besides; in the reader's words.
    """
    surely = [(KINDS_OF_PRIVATE[span.type], span) for span in find(text)]
    perhaps = [(_("perhaps a name"), span) for span in possible_names(text)]
    return [
        _("%(kind)s: %(words)s", kind=kind, words=text[span.start : span.end]) for kind, span in [*surely, *perhaps]
    ]
