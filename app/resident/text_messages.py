"""Text messages to residents, in the language of their form: short, with a link for all that does not fit."""

from collections.abc import Iterator, Mapping

from flask_babel import force_locale

from app.cases.models import Event
from app.cases.words import MessageWords
from app.extensions import db
from app.intake import actions as intake
from app.intake.models import Feedback
from app.kernel.words import Channel, EventKind, in_language
from app.sms.gateway import TextMessage
from app.sms.rules import fitting
from app.web.languages import locale_of
from app.web.links import absolute
from app.web.texts import gettext as _

TOLD_ON_THE_FORM = frozenset({Channel.WEB, Channel.QR, Channel.PHONE, Channel.SMS})
"""Who came otherwise was not told what their number is for, and gets no texts."""


def receipt(feedback: Feedback) -> TextMessage | None:
    """That it arrived, and the way back; None for whom letters reach, or nothing does."""
    return _made(feedback, f"resident.receipt:{feedback.id}", _receipts(feedback))


def told(feedback: Feedback, event: Event, *, is_reminder: bool = False) -> TextMessage | None:
    """What was said or done, with links to confirm and to open it again; None as above."""
    key = f"resident.{'remind' if is_reminder else 'tell'}:{event.id}"
    return _made(feedback, key, _reminders(feedback) if is_reminder else _told(feedback, event))


def later(feedback: Feedback, event: Event) -> TextMessage | None:
    """That it is due later than was said; None as above."""
    return _made(feedback, f"resident.later:{event.id}", _changes(feedback))


def joined(feedback: Feedback, event: Event) -> TextMessage | None:
    """Where the case stands that theirs was merged into; None as above."""
    return _made(feedback, f"resident.joined:{feedback.id}:{event.id}", _of_the_other(feedback, event))


def moved(feedback: Feedback, event: Event) -> TextMessage | None:
    """That it is with another service; None as above."""
    return _made(feedback, f"resident.moved:{event.id}", _passed_on(feedback))


def _made(feedback: Feedback, key: str, candidates: Iterator[tuple[str, ...]]) -> TextMessage | None:
    contact, token = intake.contact_of(feedback.id), intake.tracking_token(feedback.id)
    if contact.email or not contact.phone or not token or feedback.channel not in TOLD_ON_THE_FORM:
        return None
    links = {name: absolute(f"resident.short_{name}", token=token) for name in ("track", "yes", "no")}
    with force_locale(locale_of(feedback.language)):
        # Each link is a line of its own, as phones take whatever stands beside it for a part of it.
        lines = [
            "\n".join(links.get(line[1:], line) if line[:1] == "@" else line for line in each) for each in candidates
        ]
    return TextMessage(contact.phone, fitting(lines), key)


def _with_link(line: str, links: Mapping[str, str]) -> str:
    return links.get(line[1:], line) if line.startswith("@") else line


def _receipts(feedback: Feedback) -> Iterator[tuple[str, ...]]:
    agency, reference = in_language(feedback.site.agency.name, feedback.language), feedback.reference
    arrived = _("Your feedback has arrived: %(reference)s", reference=reference)
    yield f"{agency}: {arrived}", _("See what becomes of it:"), "@track"
    yield arrived, "@track"


def _told(feedback: Feedback, event: Event) -> Iterator[tuple[str, ...]]:
    reference = feedback.reference
    if event.kind == EventKind.RESOLVED:
        question = _("Is it solved? %(reference)s", reference=reference)
        yield question, _("Yes, it is solved:"), "@yes", _("No, it is not solved:"), "@no"
        yield _("Is it solved?"), _("Yes:"), "@yes", _("No:"), "@no"
        yield _("Yes:"), "@yes", _("No:"), "@no"
        yield question, "@track"
    elif event.kind == EventKind.ASKED:
        yield _("A question about your feedback %(reference)s", reference=reference), "@track"
    elif event.kind == EventKind.REJECTED:
        yield _("Your complaint was declined: %(reference)s", reference=reference), "@track"
    elif event.kind == EventKind.DUPLICATE:
        yield _("Answered together with another report: %(reference)s", reference=reference), "@track"
    else:
        answer = _("An answer to your feedback %(reference)s", reference=reference)
        words = db.session.get(MessageWords, event.id)
        said = " ".join(((words.text if words else None) or "").split())
        if said and not said.startswith("@"):
            yield f"{answer}: {said}", "@track"
        yield answer, "@track"


def _changes(feedback: Feedback) -> Iterator[tuple[str, ...]]:
    yield _("It takes longer than we said: %(reference)s", reference=feedback.reference), "@track"


def _of_the_other(feedback: Feedback, event: Event) -> Iterator[tuple[str, ...]]:
    reference = feedback.reference
    if event.kind == EventKind.RESOLVED:
        yield _("They say that it is solved: %(reference)s. If not, say so:", reference=reference), "@track"
    elif event.kind == EventKind.REJECTED:
        yield _("Your complaint was declined: %(reference)s", reference=reference), "@track"
    elif event.kind == EventKind.WITHDRAWN:
        yield _("The other report was taken back: %(reference)s", reference=reference), "@track"
    else:
        yield _("The other report was answered: %(reference)s", reference=reference), "@track"


def _passed_on(feedback: Feedback) -> Iterator[tuple[str, ...]]:
    reference, contract = feedback.reference, feedback.contract
    passed_on = _("Passed on to another service: %(reference)s", reference=reference)
    if contract:
        yield f"{passed_on}: {in_language(contract.service, feedback.language)}", "@track"
    yield passed_on, "@track"


def _reminders(feedback: Feedback) -> Iterator[tuple[str, ...]]:
    yield _("Still open: a question about your feedback %(reference)s", reference=feedback.reference), "@track"
