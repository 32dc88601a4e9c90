"""A machine's translation beside what a resident wrote in another language: asked for, kept, never analysed.

Only text without persons leaves the house, only to the service that this installation names, and only where the agency
allows it.
"""

import hashlib
import http.client
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, select

from app.analysis.models import Tag
from app.cases.models import Event
from app.cases.words import MessageWords, TranslatedWords
from app.config import Config
from app.directory.models import Agency
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Actor

PATIENCE = 15
"""Seconds that a person waits for the service."""

MOST_OF_AN_ANSWER = 2_000_000
LONGEST = 20_000
"""Characters of one translation; what is longer is no translation of a text of ours."""


class NoTranslation(Exception):
    """The service gave none; the message holds no text."""


@dataclass(frozen=True)
class Translated:
    """What a machine made of a text, which machine, and when."""

    text: str
    service: str
    made_at: datetime


@dataclass(frozen=True)
class Part:
    """A text to be translated: of the feedback itself (``event_id`` None), or of a message."""

    event_id: int | None
    redacted: str

    @property
    def mark(self) -> str:
        """What tells the text from another: a translation of what was redacted otherwise counts no more."""
        return hashlib.sha256(self.redacted.encode()).hexdigest()


def service() -> str | None:
    """How the service of this installation is called; None where there is none."""
    config: Config = current_app.config["CONFIG"]
    return config.translate_name if config.translate_url else None


def may_be_asked(agency: Agency) -> bool:
    """Whether there is a service, and the agency allows that it gets texts without persons."""
    return agency.translates and service() is not None


def parts_of(feedback: Feedback) -> list[Part]:
    """What its resident wrote and is still there, without persons: the text, then messages in their order."""
    tag = db.session.get(Tag, feedback.id)
    found = [Part(None, tag.redacted)] if tag is not None and tag.redacted.strip() else []
    messages = (
        select(Event.id, MessageWords.redacted)
        .join(MessageWords, MessageWords.event_id == Event.id)
        .where(Event.feedback_id == feedback.id, Event.actor == Actor.RESIDENT, MessageWords.redacted.is_not(None))
    )
    rows = db.session.execute(messages.order_by(Event.at, Event.id))
    return found + [Part(event_id, redacted) for event_id, redacted in rows if redacted and redacted.strip()]


def translations_of(feedback: Feedback, language: str) -> Mapping[int | None, Translated]:
    """What was translated into a language and still fits its text: event → translation, None for the feedback."""
    marks = {part.event_id: part.mark for part in parts_of(feedback)}
    wanted = TranslatedWords.feedback_id == feedback.id, TranslatedWords.language == language
    return {
        row.event_id: Translated(row.text, row.service, row.made_at)
        for row in db.session.scalars(select(TranslatedWords).where(*wanted))
        if marks.get(row.event_id) == row.source_mark
    }


def left_to_translate(feedback: Feedback, language: str) -> list[Part]:
    known = translations_of(feedback, language)
    return [part for part in parts_of(feedback) if part.event_id not in known]


def ask(parts: Sequence[Part], language: str) -> list[str]:
    """What the service makes of texts, in their order. Slow: not inside a transaction. ``NoTranslation`` otherwise.

    As LibreTranslate speaks: ``POST /translate`` with ``q``, ``source``, ``target``, ``format`` and ``api_key``.
    """
    config: Config = current_app.config["CONFIG"]
    asked = {"q": [part.redacted for part in parts], "source": "auto", "target": language, "format": "text"}
    if config.translate_key:
        asked["api_key"] = config.translate_key
    parts_of_url = urlsplit(config.translate_url)
    connect = http.client.HTTPSConnection if parts_of_url.scheme == "https" else http.client.HTTPConnection
    head = {"Content-Type": "application/json"}
    try:
        # No redirect is followed: what is sent is for this service alone.
        with closing(connect(parts_of_url.netloc, timeout=PATIENCE)) as door:
            door.request("POST", parts_of_url.path.rstrip("/") + "/translate", json.dumps(asked), head)
            answer = door.getresponse()
            if answer.status != 200:
                raise NoTranslation(f"status {answer.status}")
            said = json.loads(answer.read(MOST_OF_AN_ANSWER))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoTranslation(type(error).__name__) from None
    texts = said.get("translatedText") if isinstance(said, dict) else None
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or len(texts) != len(parts) or not all(isinstance(each, str) for each in texts):
        raise NoTranslation("another shape than expected")
    return [each[:LONGEST] for each in texts]


def keep(feedback: Feedback, language: str, parts: Sequence[Part], texts: Sequence[str]) -> None:
    """Keep translations, in the place of older ones; unless a text was erased or redacted anew meanwhile."""
    now_there = {part.event_id: part.mark for part in parts_of(feedback)}
    for part, text in zip(parts, texts, strict=True):
        if now_there.get(part.event_id) != part.mark:
            continue
        same = TranslatedWords.event_id == part.event_id if part.event_id else TranslatedWords.event_id.is_(None)
        mine = TranslatedWords.feedback_id == feedback.id, TranslatedWords.language == language
        db.session.execute(delete(TranslatedWords).where(*mine, same))
        db.session.add(
            TranslatedWords(
                agency_id=feedback.agency_id,
                feedback_id=feedback.id,
                event_id=part.event_id,
                language=language,
                text=text,
                source_mark=part.mark,
                service=service() or "",
                made_at=clock.now(),
            )
        )
    db.session.flush()
