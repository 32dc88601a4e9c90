"""Sentences put together where no language is known yet: said in English, and again in the reader's at the door."""

from typing import Any


class Said(str):
    """An English sentence that remembers its text and what was put into it; what was put in may be one itself.

    ``web.texts.translated`` says it in the language of the reader; translators find it by the name of this class.
    """

    text: str
    values: dict[str, Any]

    def __new__(cls, text: str, /, **values: Any) -> "Said":
        made = super().__new__(cls, text % values if values else text)
        made.text, made.values = text, values
        return made


def said_of(place: str, what: str) -> Said:
    """What is wrong, behind the place where it is."""
    return Said("%(place)s: %(what)s", place=place, what=what)
