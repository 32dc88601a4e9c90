"""Has the residents of the playgrounds asked one thing of each kind: ``python -m tests.browser.questions``.

With ``draft`` as well a draft that words one of them otherwise.
"""

import sys
from dataclasses import replace

from sqlalchemy import select

from app import create_app
from app.accounts.models import Member
from app.directory.models import Contract
from app.extensions import db
from app.kernel.words import Aspect, QuestionKind
from app.questions import actions, queries
from app.questions.rules import Asked, Option, new_key
from app.web.transactions import begin_writing
from tests.browser.people import MANAGER

CONTRACT, SITE = "C-003", "RS-004"
ASKED = (
    Asked(
        "drive234",
        QuestionKind.DRIVERS,
        {"zh": "是什么让您这样觉得？", "en": "What made you feel that way?"},
        {"en": "Tick what fits; leave the rest."},
        tuple(Option(str(each), aspect=str(each)) for each in Aspect),
        is_for_provider=True,
    ),
    Asked("rate2345", QuestionKind.RATING, {"zh": "器材的状况如何？", "en": "How is the equipment?"}, {}),
    Asked(
        "which234",
        QuestionKind.CHOICE,
        {"zh": "是哪一件？", "en": "Which one is it?"},
        {},
        (
            Option("swing234", {"zh": "秋千", "en": "Swing"}),
            Option("slide234", {"zh": "滑梯", "en": "Slide"}),
            Option("climb234", {"zh": "攀爬架", "en": "Climbing frame"}),
        ),
        is_for_provider=True,
    ),
    Asked("again234", QuestionKind.YES_NO, {"zh": "以前发生过吗？", "en": "Has it happened before?"}, {}),
    Asked("when2345", QuestionKind.DAY, {"zh": "是哪一天？", "en": "When was it?"}, {"en": "Roughly is enough."}),
    Asked("text2345", QuestionKind.TEXT, {"zh": "怎样才能更好？", "en": "What would make it better?"}, {}),
)


def make(with_draft: bool) -> None:
    with create_app().app_context():
        begin_writing()
        contract = db.session.scalars(select(Contract).where(Contract.reference == CONTRACT)).one()
        member_id = db.session.scalars(select(Member.id).where(Member.email == MANAGER)).one()

        def seen() -> str:
            db.session.expire_all()
            return actions.state_of(queries.draft_of(contract), queries.in_use(contract))

        if queries.in_use(contract) is None:
            for asked in ASKED:
                actions.add(contract, asked, seen=seen(), member_id=member_id)
            actions.publish(contract, seen=seen(), member_id=member_id)
        if with_draft and queries.draft_of(contract) is None:
            asked = replace(ASKED[2], key=new_key(), wording={"zh": "是哪一件坏了？", "en": "Which one is broken?"})
            actions.change(contract, ASKED[2].key, asked, seen=seen(), member_id=member_id)
        db.session.commit()


if __name__ == "__main__":
    make("draft" in sys.argv[1:])
