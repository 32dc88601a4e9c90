"""The table of figures: what was to be reached, what was, and what others reach on the same texts."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.analysis import artefact
from app.analysis.reading import analyse
from app.kernel.words import Sentiment
from training import scores, speed
from training.baselines import BASELINES
from training.crossing import Read
from training.data import LABELS, LANGUAGES, OURS
from training.data import rows as rows_of
from training.material import Material
from training.redaction import KINDS, hidden

NAMES = {"en": "English", "zh": "Chinese", "es": "Spanish", "ar": "Arabic"}
GOALS: dict[str, dict[str, float]] = {
    "macro-F1": {"en": 0.78, "zh": 0.80, "es": 0.82, "ar": 0.85},
    "aspects micro-F1": {"en": 0.65, "zh": 0.70},
    "urgency recall at precision 0.5": {"en": 0.80, "zh": 0.85},
}


@dataclass(frozen=True)
class Figure:
    """One line of the table: what, where, the goal, what was found, and whether it is reached (None: no goal)."""

    name: str
    where: str
    goal: str
    found: str
    reached: bool | None


def at_least(name: str, where: str, goal: float | None, found: float, more: str = "") -> Figure:
    written = f"≥ {goal:.2f}" if goal is not None else "–"
    return Figure(name, where, written, f"{found:.3f}{more}", None if goal is None else found >= goal)


def at_most(name: str, where: str, goal: float, found: float, more: str = "") -> Figure:
    return Figure(name, where, f"≤ {goal:.2f}", f"{found:.3f}{more}", found <= goal)


def civic_rows(stuff: Material, language: str) -> NDArray[np.int64]:
    return np.flatnonzero(stuff.where(origin="civic", language=language))


def tagging(stuff: Material, read: Read) -> list[Figure]:
    """Sentiment, calibration, aspects and urgency, by language."""
    figures = []
    for language in LANGUAGES:
        rows, where = civic_rows(stuff, language), f"civic {NAMES[language]}"
        label, likely = stuff.label[rows], read.sentiment[rows]
        said = likely.argmax(axis=1)
        low, high = scores.interval(lambda drawn, t=label, s=said: scores.macro_f1(t[drawn], s[drawn]), len(rows))
        found = scores.macro_f1(label, said)
        figures.append(at_least("macro-F1", where, GOALS["macro-F1"][language], found, f" ({low:.2f}–{high:.2f})"))
        recalls = scores.recalls(label, said)
        of_each = ", ".join(f"{name} {recall:.2f}" for name, recall in zip(LABELS, recalls, strict=True))
        figures.append(at_least("least recall of a class", where, 0.65, min(recalls), f" ({of_each})"))
        figures.append(at_most("calibration error", where, 0.07, scores.calibration_error(label, likely)))
        aspects = stuff.targets[rows, 2:-1] > 0
        figures.append(
            at_least(
                "aspects micro-F1",
                where,
                GOALS["aspects micro-F1"].get(language),
                scores.f1(aspects, read.said_aspects[rows]),
            )
        )
        urgent = stuff.targets[rows, -1] > 0
        name = "urgency recall at precision 0.5"
        recall = scores.recall_at_precision(urgent, read.urgent[rows])
        hits = (urgent & read.said_urgent[rows]).sum()
        as_used = f" (as used: recall {hits / urgent.sum():.2f}, precision {hits / read.said_urgent[rows].sum():.2f})"
        figures.append(at_least(name, where, GOALS[name].get(language), recall, as_used))
    rows = np.flatnonzero(stuff.where(origin="nhs_v6", measured=True))
    if len(rows):
        found = scores.macro_f1(stuff.label[rows], read.sentiment[rows].argmax(axis=1))
        figures.append(at_least("macro-F1", "nhs_v6", 0.66, found))
    return figures


def others(stuff: Material, first: Read, both: Read) -> list[tuple[str, dict[str, float]]]:
    """Macro-F1 by set of both tiers, the first alone, TextBlob, VADER and the majority."""
    sets = {language: civic_rows(stuff, language) for language in LANGUAGES}
    sets["nhs_v6"] = np.flatnonzero(stuff.where(origin="nhs_v6", measured=True))
    sets = {name: rows for name, rows in sets.items() if len(rows)}
    lines = []
    for name, read in (("both tiers", both), ("first tier", first)):
        found = {at: scores.macro_f1(stuff.label[r], read.sentiment[r].argmax(axis=1)) for at, r in sets.items()}
        lines.append((name, found))
    for name, said in BASELINES.items():
        found = {}
        for at, rows in sets.items():
            texts = [stuff.comments[row].raw for row in rows]
            found[at] = scores.macro_f1(stuff.label[rows], said(texts, stuff.label[rows]))
        lines.append((name, found))
    return lines


def redaction(stuff: Material) -> tuple[list[Figure], list[list[str]]]:
    """Recall and over-redaction by language; by type as rows of a table: hidden of labelled, needless characters."""
    figures, table = [], []
    for language in LANGUAGES:
        counted = hidden([stuff.comments[row] for row in civic_rows(stuff, language)])
        where = f"civic {NAMES[language]}"
        figures.append(at_least("redaction recall", where, 0.95, counted.recall))
        figures.append(Figure("over-redacted", where, "≤ 1 %", f"{100 * counted.over:.2f} %", counted.over <= 0.01))
        cells = [f"{counted.whole[kind]}/{counted.labelled[kind]} ({counted.needless[kind]})" for kind in KINDS]
        table.append([NAMES[language], *cells])
    return figures, table


def negations() -> list[Figure]:
    """How the shipped heads read short sentences with a "not", which nothing was fitted on."""
    found = rows_of(OURS / "negations.jsonl")
    figures = []
    for language in LANGUAGES:
        right = {table: [0, 0] for table in (1, 2)}
        for row in found:
            if row["lang"] == language:
                said = LABELS[[*Sentiment].index(analyse(row["text"], language).sentiment)]
                right[row["table"]][0] += said == row["label"]
                right[row["table"]][1] += 1
        hits, number = (sum(each[place] for each in right.values()) for place in (0, 1))
        where = f"{NAMES[language]}, {number} sentences"
        more = f" (before the lists of words {right[1][0]} of {right[1][1]}, after them {right[2][0]} of {right[2][1]})"
        figures.append(at_least('short, with a "not": share right', where, None, hits / number, more))
    return figures


def size_and_speed(folder: Path, stuff: Material, read: Read) -> list[Figure]:
    """How fast the shipped heads are beside TextBlob, and how big.

    The second tier is reckoned as often as it was asked in cross-validation: of the comments that heads were fitted on
    the first tier is surer than of new ones.
    """
    found = speed.measured(folder)
    ratio = found["first"] / found["textblob"]
    both = f"{ratio:.2f} × ({found['first']:,.0f} and {found['textblob']:,.0f} a second)"
    speeds = {}
    for language in ("en", "zh"):
        asked = read.asked[civic_rows(stuff, language)].mean()
        speeds[language] = 1 / (1 / found[f"alone_{language}"] + asked / found[f"second_{language}"])
    slower = min(speeds.values())
    whole = f"{speeds['en']:,.0f} English, {speeds['zh']:,.0f} Chinese a second"
    size, peak = artefact.PATH.stat().st_size / 1e6, found["worker_megabytes"]
    return [
        Figure("first tier against TextBlob, English", "speed", "≥ 1.0 ×", both, ratio >= 1),
        Figure("whole analysis, both tiers, one core", "speed", "≥ 300 a second", whole, slower >= 300),
        Figure("file of heads", "size", "≤ 10 MB", f"{size:.1f} MB", size <= 10),
        Figure("memory of a worker that has read", "size", "≤ 400 MB", f"{peak:.0f} MB", peak <= 400),
    ]


def printed(figures: list[Figure], lines: list[tuple[str, dict[str, float]]]) -> str:
    """Both tables as text for a terminal."""
    marks = {True: "reached", False: "short", None: ""}
    rows = [(each.name, each.where, each.goal, each.found, marks[each.reached]) for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    sets = list(lines[0][1])
    text += ["", f"{'macro-F1 of':<14}" + "".join(f"{name:>9}" for name in sets)]
    text += [f"{name:<14}" + "".join(f"{found[at]:>9.3f}" for at in sets) for name, found in lines]
    return "\n".join(text)
