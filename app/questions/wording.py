"""How kinds of questions, and what a change breaks, are said to people."""

from flask_babel import lazy_gettext as _l

from app.kernel.words import QuestionKind
from app.questions.rules import Break

KINDS = {
    QuestionKind.RATING: _l("A rating: five faces with words"),
    QuestionKind.DRIVERS: _l("What drove it: aspects, good or not good"),
    QuestionKind.TEXT: _l("Words"),
    QuestionKind.CHOICE: _l("A choice: one of several answers"),
    QuestionKind.YES_NO: _l("Yes or no"),
    QuestionKind.DAY: _l("A date: when it happened"),
}
BREAKS = {
    Break.KIND: _l("What it is answered with is another thing."),
    Break.WORDING: _l("It is asked in other words."),
    Break.OPTIONS: _l("There are other answers to choose from."),
}
