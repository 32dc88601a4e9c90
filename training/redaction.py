"""How much personal data is hidden, by type and language, and how many other characters are hidden with it."""

from collections import Counter
from dataclasses import dataclass, field

from app.analysis.private import Private
from app.analysis.redaction import find
from training.data import Comment


@dataclass
class Hidden:
    """Labelled spans and those hidden whole, by type; all other characters, and those of them hidden needlessly."""

    labelled: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    letters: int = 0
    needless: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.whole.total() / max(1, self.labelled.total())

    @property
    def over(self) -> float:
        """The share of characters outside every labelled span that were hidden."""
        return self.needless.total() / max(1, self.letters)


def hidden(comments: list[Comment]) -> Hidden:
    """Read every raw text. A span is hidden if each of its letters and digits is, whatever the type found."""
    counted = Hidden()
    for comment in comments:
        found = find(comment.raw)
        covered = {place for span in found for place in range(span.start, span.end)}
        labelled = {place for span in comment.private for place in range(span["start"], span["end"])}
        for span in comment.private:
            letters = [place for place in range(span["start"], span["end"]) if comment.raw[place].isalnum()]
            counted.labelled[span["type"]] += 1
            counted.whole[span["type"]] += covered.issuperset(letters)
        counted.letters += len(comment.raw) - len(labelled)
        for span in found:
            counted.needless[span.type.value] += len(set(range(span.start, span.end)) - labelled)
    return counted


KINDS = tuple(kind.value for kind in Private)
