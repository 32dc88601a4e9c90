"""Every text of the product has a translation that fits it, and what is compiled is what was written."""

import re
import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale
from flask_security.utils import get_message

from app.config import ROOT
from app.web.filters import day, moment
from app.web.languages import LANGUAGES

# The same as behind --keyword in the Makefile.
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
LOCALES = sorted(locale for locale, _name in LANGUAGES.values() if locale != "en")
# What must not change: named values, values that scripts fill in, percent signs.
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|%%|%")

Key = tuple[str | None, str]


@cache
def texts() -> dict[Key, tuple[str, ...]]:
    """The texts in the source now: context and singular → all English forms."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    found = extract_from_dir(
        ROOT / "app",
        method_map=[(each["pattern"].removeprefix("app/"), each["method"]) for each in mappings],
        options_map={
            each["pattern"].removeprefix("app/"): {k: v for k, v in each.items() if k not in ("pattern", "method")}
            for each in mappings
        },
        keywords=KEYWORDS,
    )
    source: dict[Key, tuple[str, ...]] = {}
    for _file, _line, message, _comments, context in found:
        forms = (message,) if isinstance(message, str) else tuple(message)
        if len(forms) > len(source.get((context, forms[0]), ())):
            source[context, forms[0]] = forms
    return source


def catalogue(locale: str) -> Catalog:
    with file_of(locale, "po").open("rb") as file:
        return read_po(file, locale=locale)


def file_of(locale: str, ending: str) -> Path:
    return ROOT / "translations" / locale / "LC_MESSAGES" / f"messages.{ending}"


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def by_key(catalog: Catalog) -> dict[Key, Message]:
    return {(m.context, m.id if isinstance(m.id, str) else m.id[0]): m for m in catalog if m.id}


def test_texts_are_found_in_python_and_in_templates_that_fill_tables() -> None:
    assert {(None, "Your changes are kept."), (None, "Choose how it was, or write what happened.")} <= texts().keys()
    assert (None, "Clauses; limits in working hours") in texts()
    assert texts()[None, "and %(num)d more"] == ("and %(num)d more", "and %(num)d more")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_translated(locale: str) -> None:
    translated = {
        key
        for key, message in by_key(catalogue(locale)).items()
        if not message.fuzzy and all(form.strip() for form in forms(message))
    }
    missing = sorted(text for _context, text in texts().keys() - translated)
    assert not missing, f"Run make translations and translate: {missing}"


@pytest.mark.parametrize("locale", LOCALES)
def test_no_translation_has_lost_its_text(locale: str) -> None:
    assert by_key(catalogue(locale)).keys() <= texts().keys()


@pytest.mark.parametrize("locale", LOCALES)
def test_values_and_percent_signs_are_the_same(locale: str) -> None:
    for key, message in by_key(catalogue(locale)).items():
        asked = {frozenset(Counter(PLACEHOLDER.findall(form)).items()) for form in texts()[key]}
        for form in forms(message):
            assert frozenset(Counter(PLACEHOLDER.findall(form)).items()) in asked, key


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_as_many_forms_as_the_language_has(locale: str) -> None:
    catalog = catalogue(locale)
    for key, message in by_key(catalog).items():
        assert len(forms(message)) == (catalog.num_plurals if len(texts()[key]) > 1 else 1), key


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_compiled_is_what_was_written(locale: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(locale))
    assert file_of(locale, "mo").read_bytes() == compiled.getvalue(), "Run make translations."


def test_dates_are_written_as_the_language_does(app: Flask) -> None:
    with force_locale("zh_Hans_CN"):
        assert day(date(2026, 11, 5)) == "2026年11月5日"
        assert moment(datetime(2026, 11, 5, 1, 30, tzinfo=UTC), "Asia/Shanghai") == "2026年11月5日 09:30"
    with force_locale("en"):
        assert day(date(2026, 11, 5)) == "5 Nov 2026"


def test_what_signing_in_says_is_translated_too(app: Flask) -> None:
    with force_locale("zh_Hans_CN"):
        assert get_message("PASSWORD_INVALID_LENGTH", length=10) == ("请使用至少 10 个字符。", "error")
