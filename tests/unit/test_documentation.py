"""What the documents name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PATH = re.compile(r"`((?:app|bench|training|tests|docs|migrations|assets)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document):
    text = document.read_text(encoding="utf-8")
    named = [ROOT / path for path in PATH.findall(text)]
    linked = [document.parent / path for path in LINK.findall(text)]

    assert [str(path.relative_to(ROOT)) for path in (*named, *linked) if not path.exists()] == []


def test_every_stage_is_on_the_map():
    folders = {path.name for path in (ROOT / "app").iterdir() if (path / "__init__.py").exists()}
    told = set(re.findall(r"^\| `app/(\w+)/`", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), re.M))

    assert folders == told


def test_the_stages_that_the_readme_tells_are_there():
    told = re.search(
        r"stages of the journey:(.+?) on \[the map\]", (ROOT / "README.md").read_text(encoding="utf-8"), re.S
    )
    assert told

    folders = re.findall(r"`(\w+)`", told[1])
    assert len(folders) > 9
    assert [name for name in folders if not (ROOT / "app" / name / "__init__.py").exists()] == []


def test_every_decision_has_a_number_of_its_own():
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]

    assert sorted(numbers) == [f"{nth:04d}" for nth in range(1, len(numbers) + 1)]
