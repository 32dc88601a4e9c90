"""Which of the offered languages a text is written in."""

import re
from functools import cache
from typing import Any

OFFERED = ("en", "zh", "es", "ar")
HAN = re.compile(r"[\u3400-\u9fff]")
ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
LETTER = re.compile(r"[^\W\d_]")
ENOUGH = 2_000
"""Characters looked at: a language does not change after a page."""


def language_of(text: str, offered: tuple[str, ...] = OFFERED) -> str:
    """The code of the language among those offered; the first of them where a text has no letters.

    Han characters come first: a Chinese comment with an English word in it is Chinese.
    """
    start = text[:ENOUGH]
    letters = len(LETTER.findall(start))
    if not letters:
        return offered[0]
    if "zh" in offered and 5 * len(HAN.findall(start)) >= letters:
        return "zh"
    if "ar" in offered and 2 * len(ARABIC.findall(start)) >= letters:
        return "ar"
    by_letters = tuple(code for code in offered if code not in {"zh", "ar"})
    if len(by_letters) < 2:
        return (by_letters or offered)[0]
    return str(identifier(by_letters).classify(start)[0])


@cache
def identifier(languages: tuple[str, ...]) -> Any:
    """py3langid narrowed to some languages; loading it takes a moment, so only when first needed."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier
