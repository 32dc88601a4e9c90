"""What residents begin to talk about: phrases that more of this week's texts hold than those of the weeks before."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from app.measures.notable_changes import exact_p, notable_among

ENOUGH = 100
"""Texts a week: with fewer, a phrase that rises is as good as always chance."""

WEEKS_BEFORE = 8
LEAST = 5
"""A phrase in fewer texts is one family's, not a topic."""

TIMES = 2
"""So many times as large a share of the texts must hold a phrase as before: what is said every week is nothing new."""

NEARLY_ALL = 0.8
"""A longer phrase says more and stands for the shorter one where it is in so many of its texts."""

NEARLY_THE_SAME = 0.9
"""Two texts are copies where they have so many of their pairs of neighbouring words or characters in common."""

MOST = 6
QUOTES = 3

HAN_RUN = re.compile(r"[㐀-鿿]+")
WORD = re.compile(r"[a-z][a-z'’]*[a-z]|[a-z]")
COVERED = re.compile(r"\[[^\]]*\]")
"""What redaction put in place of persons is no phrase of theirs."""

# Requests to be called or written to, and thanks, stand in a text whatever it is about. "The phone is never answered"
# and "nobody got back to me" are about something: only what asks is taken out.
CONTACT_EN = re.compile(
    r"""
    (?:\b(?:please|pls|kindly|somebody|someone|you\ can|you\ may|feel\ free\ to|hope\ to|(?:can|could|would)\ you)\ |
      (?:^|(?<=[^a-z' ]))\ *)
    (?:please\ )?(?:
      (?:call|phone|ring|text|e-?mail|contact|message|reach|write\ to)\ (?:me|us)\b
        (?:\ back)?(?:\ (?:on|at|by|via|under))?(?:\ (?:my|this|the))?(?:\ (?:mobile|phone|number|e-?mail|address))*\b
      | (?:give|drop|send)\ (?:me|us)\ an?\ (?:call|ring|text|message|line|e-?mail)\b
      | (?:get|be)\ (?:back\ to|in\ (?:touch|contact)(?:\ with)?)(?:\ (?:me|us))?\b
      | let\ (?:me|us)\ know\b
      | hear\ (?:back\ )?from\ you\b
    )
    | \b(?:my|our)\ (?:mobile|phone|telephone|number|e-?mail)(?:\ (?:number|address))?(?:\ is\b|(?=\ *[:|]))
    | \blook(?:ing)?\ forward\ to(?:\ (?:hearing|your|from|you|reply|answer|response))*\b
    | \b(?:many\ )?(?:thanks|thank\ you)(?:\ (?:in\ advance|very\ much|so\ much|for\ your\ help))?\b
    | \b(?:kind|best|warm)\ regards\b
    """,
    re.VERBOSE,
)
CONTACT_ZH = re.compile(
    r"""
    (?:(?<!没有)(?<![没不未])(?:请|麻烦|希望|盼|能否|可以|尽快|尽早|早日|及时|随时|务必|有事|有问题|有空|方便时|你们|您|电话)+
      | (?<![㐀-鿿]))
    (?:
      (?:拨打|打|致电|来电|回电|回拨|联系|联络|通知|回复|答复|告知|加|找)(?:电话|一下)?给?(?:我|本人)们?的?
        (?:联系)?(?:电话|手机|微信|邮箱)?(?:号码|号)?
      | (?:给|跟|与|和|同)(?:我|本人)们?(?:打|回|发|来)?一?个?(?:电话|短信|微信|消息|邮件|联系|联络|回复|回话|答复)
      | (?:电话)?(?:回电|来电|致电|回复|答复|联系|联络|反馈)
    )
    | (?:我|本人)的?(?:电话|手机|微信|邮箱|联系方式)(?:号码|号)?(?:[是为]|(?=\s*[:：|\d]))
    | 联系(?:电话|方式)(?:[是为]|(?=\s*[:：|\d]))
    | (?:非常|十分|多|先)?(?:谢谢|感谢|多谢)(?:你|您|了)?们? | 辛苦了?
    | [您你]们?好
    """,
    re.VERBOSE,
)

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


Tokens = list[str]
"""Words, or Han characters, that stand in a row without a sign between them."""


@dataclass(frozen=True)
class _Spoken:
    """A text, the rows of it in which phrases are looked for, and whose voice it is: copies of a text are one."""

    text: Text
    rows: tuple[Tokens, ...]
    voice: int
    copy_of: int


@dataclass(frozen=True)
class _Rise:
    """A phrase that rose: the chance of it, and whose voices say it."""

    p: float
    topic: Topic
    voices: frozenset[int]


def topics_of(now: Sequence[Text], before: Sequence[Text]) -> tuple[Topic, ...]:
    """The phrases that rose beyond chance, the clearest first; each language is compared with itself.

    A two-sided exact test for each phrase; at most one in ten of those that hold may be chance, of all tested. Of this
    week's texts copies count once, so that one person who writes often, or a form letter, makes no topic. Of the weeks
    before each counts: so nothing rises that has not. Of phrases said by the same people the clearest is told, as the
    longest in which nearly all of them say it.
    """
    found: list[_Rise] = []
    for language in sorted({text.language for text in now}):
        this_week = _spoken([text for text in now if text.language == language])
        past = [_rows(text.words, language) for text in before if text.language == language]
        if not past:
            continue
        holding = {phrase: by for phrase, by in _holding(this_week).items() if len(by) >= LEAST}
        earlier = Counter(phrase for rows in past for phrase in _phrases_in(rows, language))
        rising = [
            (exact_p(len(by), len(this_week), earlier[phrase], len(past)), phrase, by)
            for phrase, by in holding.items()
            if len(by) * len(past) >= TIMES * earlier[phrase] * len(this_week)
        ]
        # Tested are all that are said often enough, also what has not risen: or one would look at the lucky ones alone.
        tested = len(holding.keys() | {phrase for phrase, times in earlier.items() if times >= LEAST})
        # Pieces of one phrase that the same people say are one test, or each real topic would let a false one in.
        rising.sort(key=lambda each: (each[0], -len(each[2]), -len(each[1]), each[1]))
        once = list({frozenset(each[2]): each for each in reversed(rising)}.values())[::-1]
        hold = notable_among([each[0] for each in once] + [1.0] * (tested - len(once)))
        clear = [each for each, holds in zip(once, hold, strict=False) if holds]
        kept: list[_Rise] = []
        for p, phrase, by in clear:
            if len(kept) < MOST and not any(_are_one(by.keys(), other.voices) for other in kept):
                kept.append(_told(p, phrase, by, this_week, past, language))
        found += kept
    return tuple(each.topic for each in sorted(found, key=lambda each: each.p)[:MOST])


def phrases(words: str, language: str) -> frozenset[str]:
    """The phrases of a text: up to three words, or two to six Han characters in a row, without idle ends."""
    return frozenset(_phrases_in(_rows(words, language), language))


def _rows(words: str, language: str) -> tuple[Tokens, ...]:
    """What was said, without what covers persons and what only says how to reach them."""
    plain = COVERED.sub(" | ", words.lower().replace("’", "'"))
    if language == "zh":
        return tuple(list(run) for run in HAN_RUN.findall(CONTACT_ZH.sub(" | ", plain)))
    parts = re.split(r"[^a-z' ]+", CONTACT_EN.sub(" | ", re.sub(" +", " ", plain)))
    return tuple(tokens for part in parts if (tokens := WORD.findall(part)))


def _phrases_in(rows: Iterable[Tokens], language: str) -> set[str]:
    lengths = range(2, 7) if language == "zh" else range(1, 4)
    return {
        _joined(phrase, language)
        for tokens in rows
        for length in lengths
        for at in range(len(tokens) - length + 1)
        if _says_something(phrase := tokens[at : at + length], language)
    }


def _says_something(phrase: Tokens, language: str) -> bool:
    idle = IDLE_ZH if language == "zh" else IDLE_EN
    return phrase[0] not in idle and phrase[-1] not in idle and (language == "zh" or len(phrase[0]) > 2)


def _joined(phrase: Tokens, language: str) -> str:
    return "".join(phrase) if language == "zh" else " ".join(phrase)


def _spoken(texts: Sequence[Text]) -> list[_Spoken]:
    """The texts with their voices. A few words may well be those of several people: these count for each."""
    rows = [_rows(text.words, text.language) for text in texts]
    copies = _copies(rows)
    few = [sum(map(len, each)) <= (6 if text.language == "zh" else 3) for text, each in zip(texts, rows, strict=True)]
    return [_Spoken(text, rows[nth], nth if few[nth] else copies[nth], copies[nth]) for nth, text in enumerate(texts)]


def _copies(texts: Sequence[tuple[Tokens, ...]]) -> list[int]:
    """Of each text the first that is nearly the same: itself, where it is no copy.

    Two sets of which ``NEARLY_THE_SAME`` is common share one of the few rarest of each: only there is looked.
    R. Bayardo, Y. Ma, R. Srikant, "Scaling up all pairs similarity search", WWW 2007.
    """
    pairs = [
        frozenset(pair for tokens in rows for pair in zip(tokens, [*tokens[1:], ""], strict=True)) for rows in texts
    ]
    common = Counter(pair for each in pairs for pair in each)
    firsts: dict[tuple[str, str], list[int]] = defaultdict(list)
    found = []
    for nth, each in enumerate(pairs):
        rarest = sorted(each, key=lambda pair: (common[pair], pair))[
            : len(each) - ceil(NEARLY_THE_SAME * len(each)) + 1
        ]
        near = sorted({first for pair in rarest for first in firsts[pair]})
        same = next((one for one in near if _are_copies(each, pairs[one])), nth)
        found.append(same)
        if same == nth:
            for pair in rarest:
                firsts[pair].append(nth)
    return found


def _are_copies(one: frozenset[Any], other: frozenset[Any]) -> bool:
    small, large = sorted((len(one), len(other)))
    if small < NEARLY_THE_SAME * large:
        return False
    common = len(one & other)
    return common >= NEARLY_THE_SAME * (small + large - common)


def _holding(texts: Iterable[_Spoken]) -> Mapping[str, dict[int, _Spoken]]:
    """Phrase → whose voices hold it, each with its newest text; texts come oldest first."""
    found: dict[str, dict[int, _Spoken]] = defaultdict(dict)
    for spoken in texts:
        for phrase in _phrases_in(spoken.rows, spoken.text.language):
            found[phrase][spoken.voice] = spoken
    return found


def _told(
    p: float,
    phrase: str,
    by: Mapping[int, _Spoken],
    this_week: Sequence[_Spoken],
    past: Sequence[tuple[Tokens, ...]],
    language: str,
) -> _Rise:
    """The topic of a phrase, told by the longest that nearly all who say it say."""
    tokens = _grown(list(phrase) if language == "zh" else phrase.split(), list(by.values()), language)
    saying = [spoken for spoken in this_week if _places(tokens, spoken.rows)]
    voices = frozenset(spoken.voice for spoken in saying)
    before = sum(bool(_places(tokens, rows)) for rows in past)
    quotes = tuple(_quotes(saying))
    return _Rise(
        p, Topic(_joined(tokens, language), language, len(voices), len(this_week), before, len(past), quotes), voices
    )


def _grown(phrase: Tokens, texts: Sequence[_Spoken], language: str) -> Tokens:
    """The longest phrase around this one that is in nearly as many of the texts, without idle ends."""
    enough = max(LEAST, ceil(NEARLY_ALL * len(texts)))
    best, most = phrase, 12 if language == "zh" else 5
    while len(phrase) < most:
        beside: Counter[tuple[bool, str]] = Counter()
        for spoken in texts:
            found = set()
            for tokens, at in _places(phrase, spoken.rows):
                found |= {(False, tokens[at - 1])} if at else set()
                found |= {(True, tokens[at + len(phrase)])} if at + len(phrase) < len(tokens) else set()
            beside.update(sorted(found))
        (is_after, token), times = beside.most_common(1)[0] if beside else ((True, ""), 0)
        if times < enough:
            break
        phrase = [*phrase, token] if is_after else [token, *phrase]
        best = phrase if _says_something(phrase, language) else best
    return best


def _places(phrase: Tokens, rows: Iterable[Tokens]) -> list[tuple[Tokens, int]]:
    """Where a phrase stands: the row, and from which of its tokens on."""
    return [
        (tokens, at)
        for tokens in rows
        if phrase[0] in tokens
        for at in range(len(tokens) - len(phrase) + 1)
        if tokens[at : at + len(phrase)] == phrase
    ]


def _are_one(one: Collection[int], other: Collection[int]) -> bool:
    """Two phrases are one topic where more than half of those who say the rarer say the other too."""
    return len(set(one) & set(other)) * 2 > min(len(one), len(other))


def _quotes(texts: Sequence[_Spoken]) -> Iterable[Text]:
    """The newest of which none is nearly the same as another; texts come oldest first."""
    newest = {spoken.copy_of: nth for nth, spoken in enumerate(texts)}
    return [texts[nth].text for nth in sorted(newest.values(), reverse=True)[:QUOTES]]
