"""Word lists are read from files."""

import pytest

from app.analysis.lexicon import FOLDER, sections


def test_a_language_without_a_list_has_no_sections():
    assert sections("first_names", "fr") == {}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.name)
def test_no_list_has_a_section_without_terms(path):
    name, language, _ = path.name.split(".")

    assert sections(name, language)
    assert all(sections(name, language).values())
