"""How long a text message is, and to which numbers one can be sent. Plain Python."""

from collections.abc import Iterable
from contextlib import suppress

import phonenumbers

MOST_SEGMENTS = 2
"""Texts are paid for by the segment; what does not fit stands behind the link."""

# The characters of GSM 03.38 that take one place, and those that take two.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = frozenset("^{}\\[~]|€")


def segments(text: str) -> int:
    """Of how many segments a text is: of 160 characters of GSM 03.38, or 70 of UTF-16; of 153 and 67 where several.

    >>> segments("Is it solved?"), segments("已经解决了吗？" * 11)
    (1, 2)
    """
    if all(sign in GSM or sign in TWICE for sign in text):
        length, alone, each = len(text) + sum(sign in TWICE for sign in text), 160, 153
    else:
        length, alone, each = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // each)


def fitting(candidates: Iterable[str]) -> str:
    """The first of these texts that is short enough, the fullest first; where none is, the last and shortest."""
    text = ""
    for text in candidates:
        if segments(text) <= MOST_SEGMENTS:
            return text
    return text


def number_for(typed: str, country: str) -> str | None:
    """A number as gateways want it (E.164), from how it was typed; None where no text can be sent to it.

    ``country`` (ISO 3166) is that of numbers without a code. What is known to be a landline gets no text.

    >>> number_for("07700 900123", "GB"), number_for("020 7946 0018", "GB"), number_for("07700 900123", "")
    ('+447700900123', None, None)
    """
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(typed, country or None)
        kind, is_whole = phonenumbers.number_type(number), phonenumbers.is_possible_number_with_reason(number)
        if is_whole == phonenumbers.ValidationResult.IS_POSSIBLE and kind != phonenumbers.PhoneNumberType.FIXED_LINE:
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
