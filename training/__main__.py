"""``python -m training fit FOLDER``: fit, measure, write the heads and their card. ``measure FOLDER``: measure only.

FOLDER holds the labelled files: ``civic_en.jsonl`` and so on, and ``nhs_v6.jsonl.gz`` where it is at hand.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from app.analysis import artefact
from app.analysis.heads import VERSION
from training import evaluate
from training.card import card
from training.crossing import crossed
from training.data import SETS, comments
from training.fit import fit
from training.material import Material, material

CARD = Path("docs") / "model-card.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description="Fit and measure the analysis.")
    parser.add_argument("what", choices=["fit", "measure"])
    parser.add_argument("folder", type=Path, help="the folder with the labelled files")
    asked = parser.parse_args()
    note(f"Reading and encoding what is in {asked.folder}")
    stuff = material(comments(asked.folder))
    read = crossed(stuff, note)
    figures = evaluate.tagging(stuff, read["both"])
    lines = evaluate.others(stuff, read["first"], read["both"])
    hiding, hidden_by_type = evaluate.redaction(stuff)
    figures += hiding
    if asked.what == "fit":
        note("fitting on all that may be fitted")
        foreign = stuff.where(measured=True) & ~stuff.where(origin="civic")
        fitted = fit(stuff, np.flatnonzero(~foreign))
        fitted.header.update(header(stuff, figures))
        artefact.PATH.parent.mkdir(exist_ok=True)
        artefact.write(artefact.PATH, fitted)
    figures += evaluate.negations() + evaluate.size_and_speed(asked.folder, stuff, read["both"])
    if asked.what == "fit":
        CARD.write_text(card(stuff, read["both"], figures, lines, hidden_by_type), encoding="utf-8")
    print(evaluate.printed(figures, lines))


def header(stuff: Material, figures: list[evaluate.Figure]) -> dict[str, Any]:
    """What the file says about itself."""
    counts = Counter(f"{c.origin} {c.language}" for c in stuff.comments if c.origin == "civic" or not c.measured)
    return {
        "version": VERSION,
        "data": SETS,
        "counts": dict(sorted(counts.items())),
        "licence": "Apache-2.0",
        "scores": {f"{each.name}, {each.where}": each.found for each in figures},
    }


def note(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
