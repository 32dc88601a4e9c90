"""The kinds of personal data, and where in a text some is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Private(StrEnum):
    """The kinds of personal data that are hidden; where two overlap, the earlier names the whole."""

    EMAIL = "EMAIL"
    PLATE = "PLATE"
    ADDRESS = "ADDRESS"
    ID = "ID"
    PHONE = "PHONE"
    NAME = "NAME"


@dataclass(frozen=True)
class Span:
    """Personal data from ``start`` to before ``end``, counted in characters of the original text."""

    start: int
    end: int
    type: Private


def spans_of(pattern: re.Pattern[str], text: str, kind: Private, group: int | str = 0) -> Iterator[Span]:
    for match in pattern.finditer(text):
        yield Span(match.start(group), match.end(group), kind)
