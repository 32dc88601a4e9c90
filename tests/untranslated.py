"""Finds English of ours where another language should be: in what was said, and in what can be read or heard."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from gettext import NullTranslations
from typing import Any

from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, Tag
from flask_babel import force_locale, get_domain

from app.config import ROOT
from app.web.languages import locale_of

# What is read out, shown later by a script, or shown as the name of something.
SAID_IN = ("alt", "aria-label", "content", "placeholder", "title")
SENTENCE = 4
"""So many words of ours in a row are no accident."""

PUT_IN = re.compile(r"%\\\((\w+)\\\)[sd]|\\\{\w+\\\}")
ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


@contextmanager
def noted(code: str) -> Iterator[list[str]]:
    """The texts that are said meanwhile in a language that has no translation of them."""
    missed: list[str] = []

    class Missed(NullTranslations):
        def gettext(self, message: str) -> str:
            missed.append(message)
            return message

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            missed.append(msgid1)
            return super().ngettext(msgid1, msgid2, n)

        def pgettext(self, context: str, message: str) -> str:
            missed.append(message)
            return message

    with force_locale(locale_of(code)):
        catalogue: Any = get_domain().get_translations()
    assert catalogue._fallback is None
    catalogue.add_fallback(Missed())
    try:
        yield missed
    finally:
        catalogue._fallback = None


@cache
def english(code: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Our English texts that are said otherwise in a language: those that stand alone, and those anywhere."""
    alone: set[str] = set()
    anywhere: list[re.Pattern[str]] = []
    with (ROOT / "translations" / locale_of(code) / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file, locale=locale_of(code)):
            text = message.id if isinstance(message.id, str) else message.id[0]
            if not text or text == message.string:
                continue
            pattern = PUT_IN.sub(".+", re.escape(text)).replace("%%", "%")
            if len(re.findall(r"\w{2,}", text)) >= SENTENCE:
                anywhere.append(re.compile(pattern))
            elif "%" not in text and "{" not in text:
                alone.add(text)
            elif re.search(r"[a-z]{2}", re.sub(r"%\(\w+\)[sd]|\{\w+\}", "", text)):
                anywhere.append(re.compile(f"^{pattern}$"))
    return frozenset(alone), tuple(anywhere)


def english_in(page: BeautifulSoup, code: str) -> list[str]:
    """What of a page is in our English although it is in another language."""
    return english_of(said_on(page), code)


def english_of(said: Iterable[str], code: str) -> list[str]:
    """Those of these texts that are in our English, or hold some."""
    alone, anywhere = english(code)
    found = [" ".join(each.translate(ISOLATES).split()) for each in said]
    return [each for each in found if each in alone or any(pattern.search(each) for pattern in anywhere)]


def said_on(page: BeautifulSoup) -> Iterator[str]:
    """Every text of a page, with those that only some people or scripts come across; not what is marked as foreign."""
    for text in page.find_all(string=True):
        if text.parent is not None and not _is_foreign(text.parent):
            yield str(text)
    for element in page.find_all(True):
        if not _is_foreign(element):
            for name, value in element.attrs.items():
                if name in SAID_IN or (name.startswith("data-") and name != "data-of"):
                    yield str(value)


def _is_foreign(element: Tag) -> bool:
    marked = next((each for each in [element, *element.parents] if each.get("lang")), None)
    return marked is not None and marked.name != "html"
