"""What residents begin to talk about: phrases that more of this week's texts hold than those of the weeks before."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.measures.notable_changes import exact_p, notable_among

ENOUGH = 100
"""Texts a week: with fewer, a phrase that rises is as good as always chance."""

WEEKS_BEFORE = 8
LEAST = 5
"""A phrase in fewer texts is one family's, not a topic."""

TIMES = 2
"""So many times as large a share of the texts must hold a phrase as before: what is said every week is nothing new."""

MOST = 6
QUOTES = 3

HAN_RUN = re.compile(r"[㐀-鿿]+")
WORD = re.compile(r"[a-z][a-z'’]*[a-z]|[a-z]")
COVERED = re.compile(r"\[[^\]]*\]")
"""What redaction put in place of persons is no phrase of theirs."""

# Words that say nothing where a phrase begins or ends.
IDLE_EN = frozenset(
    """
    a about after again all also always am an and any are as at be because been before being but by can could
    did do does don't down ever every for from get go got had has have he her him his how i i'm if in into is
    isn't it it's its just me more most my never no not now of off on one only or our out over really said she
    should so some still than that the their them then there these they this to too two up us very was wasn't we
    were what when where which who why will with would you your
    say says told
    """.split()  # noqa: SIM905  # a hundred words are read best as words
)
IDLE_ZH = frozenset("的了是在我你他她们这那不没有和就都很也着过个一上下到说要会还能把被给对跟与但而又再等吗呢吧啊次天")


@dataclass(frozen=True)
class Text:
    """One text without persons."""

    reference: str
    language: str
    words: str


@dataclass(frozen=True)
class Topic:
    """A phrase that rose: in how many of the texts of the week and of the weeks before, and who says it."""

    phrase: str
    language: str
    now: int
    of_now: int
    before: int
    of_before: int
    quotes: tuple[Text, ...]


def topics_of(now: Sequence[Text], before: Sequence[Text]) -> tuple[Topic, ...]:
    """The phrases that rose beyond chance, the clearest first; each language is compared with itself.

    A two-sided exact test for each phrase; at most one in ten of those that hold may be chance, of all tested.
    """
    candidates: list[tuple[float, Topic, frozenset[str]]] = []
    for language in sorted({text.language for text in now}):
        this_week = [text for text in now if text.language == language]
        past = [text for text in before if text.language == language]
        if not past:
            continue
        holding = _holding(this_week)
        earlier = Counter(phrase for text in past for phrase in phrases(text.words, language))
        for phrase, texts in holding.items():
            if len(texts) < LEAST or len(texts) * len(past) < TIMES * earlier[phrase] * len(this_week):
                continue
            p = exact_p(len(texts), len(this_week), earlier[phrase], len(past))
            quotes = tuple(_quotes(texts))
            topic = Topic(phrase, language, len(texts), len(this_week), earlier[phrase], len(past), quotes)
            candidates.append((p, topic, frozenset(text.reference for text in texts)))
    hold = notable_among([p for p, _topic, _who in candidates])
    rising = [each for each, holds in zip(candidates, hold, strict=True) if holds]
    # Of phrases that mean the same people, the fullest says most.
    kept: list[tuple[float, Topic, frozenset[str]]] = []
    for each in sorted(rising, key=lambda each: _fullness(each[1]), reverse=True):
        if not any(_are_one(each, other) for other in kept):
            kept.append(each)
    return tuple(topic for _p, topic, _who in sorted(kept, key=lambda each: each[0])[:MOST])


def phrases(words: str, language: str) -> frozenset[str]:
    """The phrases of a text: up to three words, or two to six Han characters in a row, without idle ends."""
    plain = COVERED.sub(" | ", words.lower().replace("’", "'"))
    if language == "zh":
        return frozenset(_han(plain))
    found = set()
    for part in re.split(r"[^a-z' ]+", plain):
        tokens = WORD.findall(part)
        for length in (1, 2, 3):
            for at in range(len(tokens) - length + 1):
                phrase = tokens[at : at + length]
                if phrase[0] not in IDLE_EN and phrase[-1] not in IDLE_EN and len(phrase[0]) > 2:
                    found.add(" ".join(phrase))
    return frozenset(found)


def _han(words: str) -> Iterable[str]:
    for run in HAN_RUN.findall(words):
        for length in range(2, 7):
            for at in range(len(run) - length + 1):
                phrase = run[at : at + length]
                if phrase[0] not in IDLE_ZH and phrase[-1] not in IDLE_ZH:
                    yield phrase


def _holding(texts: Iterable[Text]) -> Mapping[str, list[Text]]:
    found: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        for phrase in phrases(text.words, text.language):
            found[phrase].append(text)
    return found


def _fullness(topic: Topic) -> tuple[int, int]:
    """How much a phrase says: by its words that are not idle, then by how few others stand between them."""
    if topic.language == "zh":
        return len(topic.phrase), 0
    tokens = topic.phrase.split()
    return sum(token not in IDLE_EN for token in tokens), -len(tokens)


def _are_one(one: tuple[float, Topic, frozenset[str]], other: tuple[float, Topic, frozenset[str]]) -> bool:
    """Two phrases are one topic where more than half of those who say the rarer say the other too."""
    return len(one[2] & other[2]) * 2 > min(len(one[2]), len(other[2]))


def _quotes(texts: Sequence[Text]) -> Iterable[Text]:
    """The newest that are not word for word the same; texts come oldest first."""
    seen: set[str] = set()
    for text in reversed(texts):
        if text.words not in seen:
            seen.add(text.words)
            yield text
        if len(seen) == QUOTES:
            return
