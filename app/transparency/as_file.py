"""Published figures as files: JSON and CSV, with the licence under which everybody may use them."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from app.kernel.words import in_language
from app.transparency.gathering import definitions_of
from app.transparency.models import Publication
from app.web.sheets import harmless

LICENCE = {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}
HIDDEN = "hidden"

COLUMNS = (
    "agency",
    "start",
    "end",
    "level",
    "service",
    "number",
    "provider",
    "basis",
    "measure",
    "name",
    "numerator",
    "denominator",
    "value",
    "low",
    "high",
    "formula",
    "as_of",
    "licence",
)


def as_json(published: Sequence[Publication]) -> bytes:
    """All that is published about these months, as it was frozen, with who approved it and the licence."""
    months = [
        each.content
        | {
            "approved_by": each.approved_by,
            "approved_at": each.approved_at.isoformat(timespec="seconds") if each.approved_at else None,
            "sha256": each.content_hash,
        }
        for each in published
    ]
    whole = {"licence": LICENCE, "months": months}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_csv(published: Sequence[Publication], language: str) -> bytes:
    """A row for each figure; a hidden one says so in place of its numbers. The first sign says that it is UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in published:
        for row in _rows(each.content, language):
            writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return ("\ufeff" + file.getvalue()).encode()


def _rows(content: dict[str, Any], language: str) -> Iterable[list[Any]]:
    def row(
        start: str, end: str, level: str, who: Sequence[Any], basis: str, key: str, said: dict[str, Any]
    ) -> list[Any]:
        name, formula = definitions_of(content, language)[key]
        numbers = [HIDDEN] * 5 if said.get("hidden") else [said[column] for column in COLUMNS[10:15]]
        about = [in_language(content["name"], language), start, end, level, *who, basis, key, name]
        return [*about, *numbers, formula, content["as_of"], f"{LICENCE['name']} {LICENCE['url']}"]

    start, end = content["start"], content["end"]
    for contract in content["contracts"]:
        provider = in_language(contract["provider"], language) if contract["provider"] else ""
        who = [in_language(contract["service"], language), contract["number"] or "", provider]
        for key, said in contract["measures"].items():
            yield row(start, end, "contract", who, contract["basis"], key, said)
    for key, said in content["all_contracts"].items():
        yield row(start, end, "agency", ["", "", ""], "raw", key, said)
    for week in content["weeks"]:
        for key, said in week["measures"].items():
            yield row(week["start"], week["end"], "agency", ["", "", ""], "raw", key, said)
