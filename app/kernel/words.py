"""The words of the trade as enumerations: one noun everywhere, in URLs, tables, templates and logs."""

from enum import StrEnum

Words = dict[str, str] | str
"""A name people gave: one string, or one per language (``{"en": "…", "zh": "…"}``)."""


class Role(StrEnum):
    """What a membership lets a person do."""

    VIEWER = "viewer"
    OFFICER = "officer"
    MANAGER = "manager"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"


AGENCY_ROLES = frozenset({Role.VIEWER, Role.OFFICER, Role.MANAGER})
"""Roles that a membership of an agency can have; ``staff`` belongs to providers, ``administrator`` to nobody."""


class ProviderKind(StrEnum):
    FIRM = "firm"
    SOCIAL_ORGANISATION = "social_organisation"


class FeedbackKind(StrEnum):
    RATING = "rating"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    COMPLIMENT = "compliment"


class Channel(StrEnum):
    """How feedback reached us."""

    WEB = "web"
    QR = "qr"
    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    API = "api"
    # Taken down by the agency's hotline, and brought by its daily file.
    HOTLINE = "hotline"


class Actor(StrEnum):
    """Who did what an event records."""

    SYSTEM = "system"
    AGENCY = "agency"
    PROVIDER = "provider"
    RESIDENT = "resident"


class EventKind(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    HANDED_BACK = "handed_back"
    REPLIED = "replied"
    ASKED = "asked"
    RESIDENT_REPLIED = "resident_replied"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    RATED = "rated"
    REOPENED = "reopened"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    MOVED = "moved"
    VERDICT = "verdict"
    # What only staff see and no clock knows:
    OPENED = "opened"
    KIND_CHANGED = "kind_changed"
    CLAUSE_CHANGED = "clause_changed"
    TAKEN_BY = "taken_by"
    NOTED = "noted"
    # A resident's own addition, where nobody asked for it: staff and resident see it, no clock does.
    ADDED = "added"
    # What is said about a verdict before and after it stands: agency and provider see it, no clock does.
    VERDICT_PROPOSED = "verdict_proposed"
    VERDICT_ANSWERED = "verdict_answered"
    VERDICT_CONTESTED = "verdict_contested"
    VERDICT_CHECKED = "verdict_checked"
    # It was over for too long to be opened again: a new case follows it.
    FOLLOWED = "followed"
    # To a provider without accounts; until when it opens is kept with it, never where it went.
    LINK_SENT = "link_sent"
    LINK_REVOKED = "link_revoked"
    # It looked like spam, so that it waited for somebody of the agency, and what they said of it.
    HELD = "held"
    RELEASED = "released"
    SET_ASIDE = "set_aside"
    PUT_BACK = "put_back"


REVIEW_EVENTS = frozenset({EventKind.HELD, EventKind.RELEASED, EventKind.SET_ASIDE, EventKind.PUT_BACK})
"""What becomes of feedback that is held for review, before it counts."""

STAFF_ONLY_EVENTS = REVIEW_EVENTS | frozenset(
    {
        EventKind.OPENED,
        EventKind.KIND_CHANGED,
        EventKind.CLAUSE_CHANGED,
        EventKind.TAKEN_BY,
        EventKind.NOTED,
        EventKind.VERDICT_CHECKED,
        EventKind.LINK_SENT,
        EventKind.LINK_REVOKED,
    }
)
"""Housekeeping of the agency's staff, which residents and providers do not see."""

VERDICT_EVENTS = frozenset(
    {
        EventKind.VERDICT,
        EventKind.VERDICT_PROPOSED,
        EventKind.VERDICT_ANSWERED,
        EventKind.VERDICT_CONTESTED,
        EventKind.VERDICT_CHECKED,
    }
)
"""What agency and provider say about whose it is; residents do not see it."""

INTERNAL_EVENTS = STAFF_ONLY_EVENTS | (VERDICT_EVENTS - {EventKind.VERDICT}) | {EventKind.ADDED, EventKind.FOLLOWED}
"""What is kept in the history but unknown to clocks and to files of history."""


class Sign(StrEnum):
    """Why a feedback looks like spam, or like what a machine sends."""

    HONEYPOT = "honeypot"
    NO_STAMP = "no_stamp"
    TOO_FAST = "too_fast"
    MANY_FROM_NETWORK = "many_from_network"
    MANY_AT_SITE = "many_at_site"
    MANY_TO_AGENCY = "many_to_agency"
    LINK = "link"
    LINKS = "links"
    SAME_WORDS = "same_words"
    SAME_WORDS_OFTEN = "same_words_often"
    ONE_THING_AGAIN = "one_thing_again"


class CaseStatus(StrEnum):
    """Where a case stands after its last event; the last two end it."""

    OPEN = "open"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


class Holder(StrEnum):
    """Whose hands a case is in, while it is open."""

    AGENCY = "agency"
    PROVIDER = "provider"


class HoldKind(StrEnum):
    """Why what was written must be kept, in the words that its resident reads."""

    VERDICT = "verdict"
    CLAIM = "claim"
    COURT = "court"
    INQUIRY = "inquiry"
    OTHER = "other"


class Limit(StrEnum):
    """Which limit of a clause: to answer, or to put it right."""

    RESPOND = "respond"
    RESOLVE = "resolve"


class PhotoStatus(StrEnum):
    """Whether the provider may see a photo: it waits for the agency, was let through, or refused."""

    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"


class MailState(StrEnum):
    """What became of a mail that came to a mailbox; while it waits, somebody of the agency must say what it is."""

    WAITING = "waiting"
    FEEDBACK = "feedback"
    MESSAGE = "message"
    SET_ASIDE = "set_aside"


class MailReason(StrEnum):
    """Why a mail waits, or was set aside."""

    NO_SITE = "no_site"
    SEVERAL_SERVICES = "several_services"
    MARKED_AS_SPAM = "marked_as_spam"
    MANY_FROM_ONE = "many_from_one"
    CASE_IS_OVER = "case_is_over"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    AUTOMATIC = "automatic"
    OUR_OWN = "our_own"
    NO_FEEDBACK = "no_feedback"
    TOO_OLD = "too_old"


class Attribution(StrEnum):
    """To whom the agency's verdict attributes a complaint."""

    PROVIDER = "provider"
    AGENCY = "agency"
    THIRD_PARTY = "third_party"
    OUTSIDE_CONTRACT = "outside_contract"
    UNSUBSTANTIATED = "unsubstantiated"


class VerdictStage(StrEnum):
    """How far a verdict has come; it counts from ``stands`` on."""

    REPLY = "reply"
    OBJECTED = "objected"
    STANDS = "stands"
    CONTESTED = "contested"
    DISPUTED = "disputed"
    DECIDED = "decided"


class Word(StrEnum):
    """The resident's last word on a case that was said to be resolved."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    SILENT = "silent"


class ActionStep(StrEnum):
    """What a side says about an agreed action; only ever added."""

    NOTED = "noted"
    SAID_DONE = "said_done"
    MISSING = "missing"
    ACCEPTED = "accepted"


class Source(StrEnum):
    """Where a figure comes from that somebody entered."""

    INSPECTION = "inspection"
    PROVIDER_RETURN = "provider_return"


class Sentiment(StrEnum):
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Aspect(StrEnum):
    TIMELINESS = "timeliness"
    STAFF = "staff"
    QUALITY = "quality"
    COST = "cost"
    ACCESS = "access"
    SAFETY = "safety"
    CLEANLINESS = "cleanliness"
    INFORMATION = "information"


class QuestionKind(StrEnum):
    """What a question of an agency's own is answered with."""

    RATING = "rating"
    DRIVERS = "drivers"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DAY = "day"


class Drive(StrEnum):
    """Which way an aspect drove what a resident thinks of a service."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class Direction(StrEnum):
    """Which side of its target a KPI should be on."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Basis(StrEnum):
    """Which cases a KPI counts: all of them, or those judged attributable to the provider."""

    RAW = "raw"
    VALIDATED = "validated"


def in_language(words: Words, language: str) -> str:
    """The name in ``language``, else in the first language it has."""
    if isinstance(words, str):
        return words
    return words.get(language) or next(iter(words.values()), "")
