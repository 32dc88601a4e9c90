"""What may be said and how it is taken: kinds, references, limits, and text without hidden characters."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from app.kernel.words import Channel, Drive, FeedbackKind, QuestionKind

LONGEST_TEXT = 5_000
LONGEST_PLACE = 300
# Without 0 O 1 I L U: what is read out on the phone or copied by hand cannot be mistaken.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# A reference is so many groups of so many letters.
GROUPS, GROUP = 3, 4
# Control characters but newline and tab, and the marks that turn the direction of writing around.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class NewAnswer:
    """What a resident answers to one question of the agency's own; what its kind says is filled, nothing else is."""

    question_id: int
    kind: QuestionKind
    rating: int | None = None
    is_yes: bool | None = None
    day: date | None = None
    option_id: int | None = None
    drive: Drive | None = None
    text: str | None = None


@dataclass(frozen=True)
class NewAnswers:
    """Which version of the questions a resident was asked, and what they answered."""

    question_set_id: int
    answers: tuple[NewAnswer, ...]


@dataclass(frozen=True)
class NewFeedback:
    """What a resident sends, as it is taken in. ``submitted_at`` is aware; the contract is the one in force then."""

    agency_id: int
    site_id: int
    contract_id: int | None
    kind: FeedbackKind
    rating: int | None
    text: str | None
    place: str | None
    email: str | None
    phone: str | None
    is_shared: bool
    language: str
    channel: Channel
    submitted_at: datetime
    idempotency_key: str | None = None
    external_reference: str | None = None
    # None where there were no questions of the agency's own.
    answered: NewAnswers | None = None
    # Whether somebody should call: a task for officers, until it is done.
    wants_call: bool = False

    @property
    def content(self) -> str:
        """All that was said, in one text: by its keyed hash a key that comes with other content is noticed."""
        said = (self.contract_id, self.kind, self.rating, self.text, self.place, self.email, self.phone, self.is_shared)
        more = [*([self.answered] if self.answered else ()), *(["call"] if self.wants_call else ())]
        return "\x1f".join(str(part) for part in (*said, *more))


def new_reference() -> str:
    """A reference like ``7KQ4-MMZ2-X9RD``: 58 random bits, easy to read out."""
    letters = [secrets.choice(ALPHABET) for _ in range(12)]
    return "-".join("".join(letters[i : i + 4]) for i in (0, 4, 8))


def read_reference(text: str) -> str:
    """A reference as it was typed, in the form in which it is kept: without regard to case, spaces and dashes."""
    letters = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())[:12]
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


_FOUR = f"[{ALPHABET}]{{4}}"
WRITTEN = re.compile(rf"(?<![0-9A-Z]){_FOUR}([-\u2010-\u2015 ]?){_FOUR}\1{_FOUR}(?![0-9A-Z])")


def references_in(text: str) -> list[str]:
    """What can be references of ours in a text, in the form in which they are kept, each once and in order.

    >>> references_in("About 7kq4-mmz2-x9rd, please")
    ['7KQ4-MMZ2-X9RD']
    """
    found = WRITTEN.finditer(unicodedata.normalize("NFKC", text).upper())
    return list(dict.fromkeys(read_reference(each.group()) for each in found))


def part_of_reference(text: str) -> str | None:
    """What was typed, if it can be a reference or its groups of letters, as it stands in one; None where it cannot."""
    letters = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text).upper())
    can_be = GROUP <= len(letters) <= GROUP * GROUPS and all(letter in ALPHABET for letter in letters)
    return "-".join(letters[i : i + GROUP] for i in range(0, len(letters), GROUP)) if can_be else None


def new_pin() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def new_token() -> str:
    """128 random bits, as they stand in a link."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def kind_of(*, wants_answer: bool, rating: int | None) -> FeedbackKind:
    """Who wants an answer complains; who gives 4 or 5 praises; else it is a rating. Officers may change it."""
    if wants_answer:
        return FeedbackKind.COMPLAINT
    return FeedbackKind.COMPLIMENT if rating is not None and rating >= 4 else FeedbackKind.RATING


def contact_as_one(contact: str) -> str:
    """A contact however it is written: the same address or number is found again.

    Of a number the last nine digits, which are the same with and without the code of the country.

    >>> contact_as_one("+44 131 496 0000") == contact_as_one("0131-496-0000")
    True
    """
    plain = unicodedata.normalize("NFKC", contact).strip().casefold()
    return plain if "@" in plain else "".join(sign for sign in plain if sign.isdecimal())[-9:]


def normal(text: str) -> str:
    """What two texts have in common that say the same: their letters and digits, capitals or not.

    >>> normal("The bin, again!") == normal("the  BIN again")
    True
    """
    return "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def clean(text: str) -> str:
    """Text as people see it: one kind of line end, no control characters, nothing that reverses the writing."""
    return HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
