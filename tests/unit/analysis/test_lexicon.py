"""Word lists are read from files, and the longest term wins."""

import pytest

from app.analysis.lexicon import FOLDER, lexicon, sections
from app.kernel.words import Aspect


def found(name: str, language: str, text: str) -> list[str]:
    return [each.term for each in lexicon(name, language).find(text)]


def test_the_longest_term_is_found():
    assert found("sentiment", "zh", "不干净") == ["不干净"]
    assert found("sentiment", "en", "No complaints!") == ["no complaints"]


def test_a_stem_stands_for_every_word_it_begins():
    assert found("aspects", "en", "potholes") == ["potholes"]


def test_a_language_without_a_list_finds_nothing():
    assert sections("aspects", "fr") == {}
    assert found("aspects", "fr", "retard") == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_aspect_has_words(language):
    assert set(sections("aspects", language)) == {aspect.value for aspect in Aspect}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.name)
def test_no_list_has_a_section_without_terms(path):
    name, language, _ = path.name.split(".")

    assert sections(name, language)
    assert all(sections(name, language).values())
