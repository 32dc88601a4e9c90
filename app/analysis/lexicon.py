"""Word lists kept as data, and how they are read."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "words"


def sections(name: str, language: str) -> dict[str, tuple[str, ...]]:
    """The sections of ``words/<name>.<language>.txt``; a term stands on one line or between ``|``.

    ``#`` begins a comment. A language without that file has no sections.
    """
    path = FOLDER / f"{name}.{language}.txt"
    read: dict[str, list[str]] = {}
    if not path.exists():
        return {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            read.setdefault(section, []).extend(term.strip() for term in line.split("|") if term.strip())
    return {section: tuple(terms) for section, terms in read.items()}


def any_of(*lists: tuple[str, ...]) -> str:
    """A pattern for every word of the lists, longer ones first."""
    return f"(?:{'|'.join(sorted((re.escape(word) for words in lists for word in words), key=len, reverse=True))})"
