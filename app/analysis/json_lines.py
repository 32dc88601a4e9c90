"""``flask analyse``: JSON lines in, JSON lines out, one at a time."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

from app.analysis.reading import VERSION, Analysis, analyse

LONGEST_LINE = 1_000_000
"""Bytes; a longer line is wrong, so that no input can fill the memory."""


class WrongLine(ValueError):
    """A line that is no text to analyse; says what was expected."""


def version_text() -> str:
    """What ``flask analyse --version`` prints."""
    return VERSION


def analyse_stream(source: BinaryIO, out: TextIO, complaints: TextIO) -> int:
    """Analyse line by line, in order; return the exit status.

    A line is ``{"id": …, "text": "…", "language": "en"}``, the language may be left out. A wrong line is named
    with its number in ``complaints`` and skipped, and the status is then 1. Blank lines are passed over.
    """
    status = 0
    for number, line in enumerate(limited_lines(source), start=1):
        if not line.strip():
            continue
        try:
            written = analysed(line)
        except WrongLine as wrong:
            print(f"line {number}: {wrong}", file=complaints)
            status = 1
        else:
            print(written, file=out, flush=True)
    return status


def limited_lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines, of one that is too long only its beginning."""
    while line := source.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST_LINE + 1)
        yield line


def analysed(line: bytes) -> str:
    """One line of JSON for one line of JSON, or ``WrongLine``."""
    if len(line) > LONGEST_LINE:
        raise WrongLine(f"longer than {LONGEST_LINE:,} bytes")
    try:
        asked = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise WrongLine("expected UTF-8") from None
    except (ValueError, RecursionError):
        raise WrongLine("expected one JSON object on a line") from None
    if not isinstance(asked, dict):
        raise WrongLine("expected a JSON object with id and text")
    if "id" not in asked or isinstance(asked["id"], (dict, list)):
        raise WrongLine("expected id, a text or a number")
    text, language = asked.get("text"), asked.get("language")
    if not isinstance(text, str):
        raise WrongLine("expected text, a string")
    if language is not None and not (isinstance(language, str) and language.isascii() and language.isalpha()):
        raise WrongLine('expected language, a code like "en" or "zh"')
    try:
        return json.dumps(as_json(asked["id"], analyse(text, language)), ensure_ascii=False).encode().decode()
    except UnicodeEncodeError:
        raise WrongLine("expected text without lone surrogates") from None


def as_json(id: object, read: Analysis) -> dict[str, Any]:
    return {
        "id": id,
        "language": read.language,
        "sentiment": read.sentiment.value,
        "probabilities": {
            "negative": round(read.probabilities.negative, 4),
            "neutral": round(read.probabilities.neutral, 4),
            "positive": round(read.probabilities.positive, 4),
        },
        "aspects": [aspect.value for aspect in read.aspects],
        "urgent": read.urgent,
        "redacted": read.redacted,
        "pii": [{"start": span.start, "end": span.end, "type": span.type.value} for span in read.pii],
        "version": read.version,
    }
