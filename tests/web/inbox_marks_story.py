"""A few feedback to which everything happens that the marks of the inbox follow from."""

from datetime import timedelta

from sqlalchemy import select

from app.cases import actions, moving, verdict_actions
from app.cases.models import Case
from app.extensions import db
from app.intake.models import Feedback
from app.kernel import clock
from app.kernel.words import Actor, Attribution, FeedbackKind
from tests.factories import Directory
from tests.web.cases_story import MONDAY, sent


def everything_happens(world: Directory) -> None:
    """Each of a dozen feedback goes one step further than the one before."""
    officer, staff, manager = world.officer.id, world.staff.id, world.manager.id
    steps = (
        lambda case: actions.take(case, assignee_id=officer, member_id=officer),
        lambda case: actions.assign(case, member_id=officer),
        lambda case: actions.look(case.feedback, member_id=staff),
        lambda case: actions.resident_adds(case.feedback, "It is still full."),
        lambda case: actions.hand_back(case, "Not ours.", member_id=staff),
        lambda case: actions.assign(case, member_id=officer),
        lambda case: actions.ask(case, "Which bin?", by=Actor.PROVIDER, member_id=staff),
        lambda case: actions.resident_adds(case.feedback, "The green one."),
        lambda case: actions.resolve(case, "Done.", by=Actor.PROVIDER, member_id=staff),
        lambda case: actions.reopen(case, "It is not."),
        lambda case: actions.look(case.feedback, member_id=officer),
        lambda case: actions.resolve(case, "Done now.", by=Actor.AGENCY, member_id=officer),
        lambda case: verdict_actions.judge(case, Attribution.PROVIDER, "Late.", member_id=manager, is_manager=True),
        lambda case: verdict_actions.agree(case, member_id=staff),
        lambda case: actions.reopen(case, "Again.", by=Actor.AGENCY, member_id=officer),
        lambda case: moving.move(case, world.other_contract, "Theirs.", member_id=manager, is_manager=True),
    )
    for number in range(len(steps) + 1):
        with clock.set_to(MONDAY + timedelta(minutes=number)):
            case = actions.case_of(sent(world))
        for nth, step in enumerate(steps[:number]):
            with clock.set_to(MONDAY + timedelta(hours=1 + nth, minutes=number)):
                step(case)
                db.session.commit()
    with clock.set_to(MONDAY):
        sent(world, kind=FeedbackKind.RATING)
        actions.look(sent(world, kind=FeedbackKind.RATING), member_id=officer)
        actions.reject(actions.case_of(sent(world)), "Twice.", member_id=officer)
        db.session.commit()


def marks() -> list[tuple[object, ...]]:
    """What the inbox reads of each, as it is kept."""
    columns = Feedback.is_unread, Case.is_unread, Case.is_to_judge, Case.overdue_from
    rows = select(Feedback.id, *columns).outerjoin(Case, Case.feedback_id == Feedback.id).order_by(Feedback.id)
    return [tuple(row) for row in db.session.execute(rows)]
