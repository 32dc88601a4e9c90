"""Questions of an agency's own, made as its manager makes them, for tests that begin after that."""

from app.extensions import db
from app.kernel.words import Aspect, QuestionKind
from app.questions import actions, queries
from app.questions.rules import Asked, Option


def option(key, **wording):
    return Option(key, wording)


RATING = Asked("rate2345", QuestionKind.RATING, {"zh": "工作人员怎么样？", "en": "How were the staff?"}, {})
DRIVERS = Asked(
    "drive234",
    QuestionKind.DRIVERS,
    {"en": "What made you feel that way?"},
    {"en": "Tick what fits."},
    tuple(Option(str(each), aspect=str(each)) for each in (Aspect.TIMELINESS, Aspect.STAFF, Aspect.CLEANLINESS)),
    is_for_provider=True,
)
TEXT = Asked("text2345", QuestionKind.TEXT, {"zh": "怎样才能更好？", "en": "What would be better?"}, {})
CHOICE = Asked(
    "which234",
    QuestionKind.CHOICE,
    {"en": "Which bin?"},
    {},
    (option("paper234", en="Paper", zh="纸"), option("glass234", en="Glass", zh="玻璃")),
    is_for_provider=True,
)
YES_NO = Asked("again234", QuestionKind.YES_NO, {"en": "Has it happened before?"}, {})
DAY = Asked("when2345", QuestionKind.DAY, {"en": "When was it?"}, {})
ALL = (RATING, DRIVERS, TEXT, CHOICE, YES_NO, DAY)


def ask(world, *questions, contract=None):
    """Residents of the contract are asked these from now on; the version. What was asked before is asked no more."""
    contract = contract or world.contract
    seen, manager = actions.state_of(queries.draft_of(contract), queries.in_use(contract)), world.manager.id
    current = queries.in_use(contract)
    for each in current.questions if current else ():
        actions.retire(contract, each.key, seen=seen, member_id=manager)
        seen = now(contract)
    for each in questions:
        actions.add(contract, each, seen=seen, member_id=manager)
        seen = now(contract)
    made = actions.publish(contract, seen=seen, member_id=manager)
    db.session.commit()
    return made


def now(contract):
    """What a page of the editor would show, in short."""
    db.session.expire_all()
    return actions.state_of(queries.draft_of(contract), queries.in_use(contract))
