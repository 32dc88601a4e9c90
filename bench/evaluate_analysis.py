"""Measures the analysis on labelled comments: python -m bench.evaluate_analysis FOLDER.

FOLDER holds ``civic_en.jsonl`` and ``civic_zh.jsonl``: text, label (neg, neu, pos), aspects, urgent, pii (start, end,
type), split. Rows of split "val" are measured; where a file has none, a quarter of its rows chosen by the checksum
of their id, which no weight or word list was made from.
"""

import argparse
import json
import time
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.analysis.reading import VERSION, Analysis, analyse

LABELS = {"negative": "neg", "neutral": "neu", "positive": "pos"}
Row = dict[str, Any]


def measured_rows(path: Path) -> list[Row]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["split"] == "val"] or [
        row for row in rows if zlib.crc32(row["id"].encode()) % 4 == 0
    ]


def f1(hits: int, extra: int, missed: int) -> float:
    return 2 * hits / (2 * hits + extra + missed) if hits else 0.0


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """Mean F1 over the three labels; pairs of (true, said)."""
    counted = Counter(pairs)
    scores = []
    for label in LABELS.values():
        hits = counted[label, label]
        said = sum(times for (_, guess), times in counted.items() if guess == label)
        true = sum(times for (truth, _), times in counted.items() if truth == label)
        scores.append(f1(hits, said - hits, true - hits))
    return sum(scores) / len(scores)


def set_f1(pairs: Iterable[tuple[set[str], set[str]]]) -> float:
    """Micro-F1 over sets; pairs of (true, said)."""
    hits = extra = missed = 0
    for true, said in pairs:
        hits, extra, missed = hits + len(true & said), extra + len(said - true), missed + len(true - said)
    return f1(hits, extra, missed)


def hidden(rows: list[Row], read: list[Analysis]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By type: labelled spans, those of them hidden whole, and spans hidden where nothing is labelled."""
    labelled, whole, needless = Counter[str](), Counter[str](), Counter[str]()
    for row, analysis in zip(rows, read, strict=True):
        covered = {place for span in analysis.pii for place in range(span.start, span.end)}
        for span in row["pii"]:
            labelled[span["type"]] += 1
            letters = [place for place in range(span["start"], span["end"]) if row["text"][place].isalnum()]
            whole[span["type"]] += covered.issuperset(letters)
        for found in analysis.pii:
            if not any(span["start"] < found.end and found.start < span["end"] for span in row["pii"]):
                needless[found.type.value] += 1
    return labelled, whole, needless


def print_language(language: str, rows: list[Row]) -> None:
    analyse("warm up", language)
    began = time.perf_counter()
    read = [analyse(row["text"]) for row in rows]
    speed = len(rows) / (time.perf_counter() - began)
    both = list(zip(rows, read, strict=True))
    print(f"\n{language}: {len(rows)} comments, {VERSION}, {speed:,.0f} a second")
    print(f"  language           accuracy  {sum(a.language == language for a in read) / len(rows):.3f}")
    print(f"  sentiment          macro-F1  {macro_f1((r['label'], LABELS[a.sentiment.value]) for r, a in both):.3f}")
    aspects = set_f1((set(row["aspects"]), {aspect.value for aspect in a.aspects}) for row, a in both)
    print(f"  aspects            micro-F1  {aspects:.3f}")
    urgent = Counter((row["urgent"], analysis.urgent) for row, analysis in both)
    recall = urgent[True, True] / max(1, urgent[True, True] + urgent[True, False])
    precision = urgent[True, True] / max(1, urgent[True, True] + urgent[False, True])
    print(f"  urgency            recall    {recall:.3f}  precision {precision:.3f}")
    labelled, whole, needless = hidden(rows, read)
    for kind in sorted(labelled | needless):
        print(f"  hides {kind:<12} recall    {whole[kind]}/{labelled[kind]}  needless {needless[kind]}")
    print(f"  hides all          recall    {whole.total()}/{labelled.total()}  needless {needless.total()}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the analysis on labelled comments.")
    parser.add_argument("folder", type=Path, help="the folder with civic_en.jsonl and civic_zh.jsonl")
    folder = parser.parse_args().folder
    for language in ("en", "zh"):
        print_language(language, measured_rows(folder / f"civic_{language}.jsonl"))


if __name__ == "__main__":
    main()
