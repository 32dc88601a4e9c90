"""Every field and every choice that the audit can tell is said in the page's own words, in both languages."""

import re

import pytest
from flask_babel import force_locale

import app.models  # noqa: F401  # all tables are known
from app.audit.noting import UNTOLD, UNWATCHED, VALUES
from app.kernel.database import Base
from app.privacy import wording

FIELDS = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    if table.name not in UNWATCHED
    for column in table.columns
    if column.name not in UNTOLD | {"id"}
]
CHOICES = [
    (name, column, choice)
    for name, columns in VALUES.items()
    for column in columns
    for choice in getattr(Base.metadata.tables[name].columns[column].type, "enums", None) or ()
]
A_RAW_NAME = re.compile(r"[a-z]_[a-z]")


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_every_field_is_named_in_the_pages_language(app, locale):
    with app.test_request_context(), force_locale(locale):
        said = {(table, name): str(wording.detail(table, name)) for table, name in FIELDS}

    assert not {field: words for field, words in said.items() if A_RAW_NAME.search(words) or words == field[1]}
    if locale != "en":
        assert not {field: words for field, words in said.items() if words.isascii()}


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_every_choice_that_is_told_is_said_in_the_pages_language(app, locale):
    with app.test_request_context(), force_locale(locale):
        said = {each: str(wording.detail(each[0], "{1}={2}".format(*each))) for each in CHOICES}

    assert not {each: words for each, words in said.items() if A_RAW_NAME.search(words)}
    if locale != "en":
        assert not {each: words for each, words in said.items() if words.rpartition("：")[2].isascii()}


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_every_kind_of_thing_is_named(app, locale):
    with app.test_request_context(), force_locale(locale):
        said = {table: str(wording.thing(table)) for table, _column in FIELDS}

    assert not {table for table, words in said.items() if A_RAW_NAME.search(words)}
    if locale != "en":
        assert not {table for table, words in said.items() if words.isascii()}
