"""Every text has a translation that fits it in each language of those who meet it, and what is compiled is what was
written."""

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
from app.web.filters import day, moment, month, number
from app.web.languages import LANGUAGES, OF_MEMBERS, OF_RESIDENTS, locale_of
from app.web.texts import gettext
from tests.browser_client import as_read

# The same as behind --keyword in the Makefile.
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "Said": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
LOCALES = sorted(locale for locale, _name in LANGUAGES.values() if locale != "en")
# Where the texts are: all of them, and those that residents meet.
EVERYWHERE, RESIDENTS = ROOT / "pyproject.toml", ROOT / "translations" / "residents.toml"
# What must not change: named values, values that scripts fill in, percent signs.
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|%%|%")

Key = tuple[str | None, str]


@cache
def texts(where: Path = EVERYWHERE) -> dict[Key, tuple[str, ...]]:
    """The texts in the source now: context and singular → all English forms."""
    options = tomllib.loads(where.read_text())
    mappings = options["tool"]["babel"]["mappings"] if "tool" in options else options["mappings"]
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


def texts_in(locale: str) -> dict[Key, tuple[str, ...]]:
    """The texts that must be there in a language: all of them where members speak it, else those of residents."""
    is_of_members = any(locale_of(code) == locale for code in OF_MEMBERS)
    return texts() if is_of_members else texts(RESIDENTS)


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
    missing = sorted(text for _context, text in texts_in(locale).keys() - translated)
    assert not missing, f"Run make translations and translate: {missing}"


@pytest.mark.parametrize("locale", LOCALES)
def test_no_translation_has_lost_its_text(locale: str) -> None:
    assert by_key(catalogue(locale)).keys() <= texts_in(locale).keys()


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


def test_residents_are_spoken_to_in_all_languages_and_members_in_some_of_them() -> None:
    assert OF_RESIDENTS == tuple(LANGUAGES) == ("en", "zh", "es", "ar")
    assert OF_MEMBERS == ("en", "zh")


def test_files_of_residents_are_there_and_hold_texts_of_theirs_and_of_nobody_else() -> None:
    patterns = [each["pattern"] for each in tomllib.loads(RESIDENTS.read_text())["mappings"]]
    assert [each for each in patterns if not list(ROOT.glob(each.replace("**", "*")))] == []
    assert texts(RESIDENTS).keys() < texts().keys()
    assert {(None, "Your reference:"), (None, "Page not found"), (None, "Photo {n}")} <= texts(RESIDENTS).keys()
    assert (None, "Sign out") not in texts(RESIDENTS)


def test_what_is_put_into_a_text_from_right_to_left_stands_for_itself(app: Flask) -> None:
    with force_locale("ar"):
        assert gettext("Reference: %(reference)s", reference="7KQ4-MMZ2-X9RD").endswith(": \u20687KQ4-MMZ2-X9RD\u2069")
    with force_locale("es"):
        assert gettext("Reference: %(reference)s", reference="7KQ4-MMZ2-X9RD") == "Referencia: 7KQ4-MMZ2-X9RD"


def test_digits_in_groups_keep_their_order_from_right_to_left() -> None:
    for key, message in by_key(catalogue("ar")).items():
        for form in forms(message):
            apart = re.sub("\u2066[^\u2069]*\u2069", "", form)
            assert not re.search(r"\d[ -]\d", apart), f"{key}: without marks the groups change places"


def test_dates_are_written_as_the_language_does(app: Flask) -> None:
    with force_locale("zh_Hans_CN"):
        assert as_read(day(date(2026, 11, 5))) == "2026年11月5日"
        assert as_read(moment(datetime(2026, 11, 5, 1, 30, tzinfo=UTC), "Asia/Shanghai")) == "2026年11月5日 09:30"
    with force_locale("es"):
        assert as_read(moment(datetime(2026, 11, 5, 1, 30, tzinfo=UTC), "Asia/Shanghai")) == "5 nov 2026, 09:30"
        assert month(date(2026, 11, 1)) == "noviembre de 2026"
        assert number(1234.5) == "1.234,5"
    with force_locale("ar"):
        # Digits as on the signs, references and telephones that stand beside them.
        assert as_read(moment(datetime(2026, 11, 5, 1, 30, tzinfo=UTC), "Asia/Shanghai")) == "5 نوفمبر 2026، 09:30"
        assert month(date(2026, 11, 1)) == "نوفمبر 2026"
        assert number(1234.5) == "1,234.5"
    with force_locale("en"):
        assert as_read(day(date(2026, 11, 5))) == "5 Nov 2026"


def test_what_signing_in_says_is_translated_too(app: Flask) -> None:
    with force_locale("zh_Hans_CN"):
        assert get_message("PASSWORD_INVALID_LENGTH", length=10) == ("请使用至少 10 个字符。", "error")
