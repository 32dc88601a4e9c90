"""Letters to staff about cases; sends nothing."""

from datetime import datetime

from flask_babel import force_locale

from app.accounts.models import Member
from app.cases import news, wording
from app.extensions import db
from app.kernel.words import in_language
from app.mail.letter import Letter, compose
from app.web.languages import locale_of
from app.web.links import absolute


def news_to(member_id: int, since: datetime) -> Letter | None:
    """Which cases ask the member to look again since an hour: reference, service and link, nobody's data and no words.

    None where they have seen to all of it, or may not see it any more.
    """
    member = db.session.get(Member, member_id)
    found = news.unseen(member, since) if member is not None and member.active else ()
    if member is None or not found:
        return None
    with force_locale(locale_of(member.language)):
        lines = [
            {
                "reference": each.reference,
                "what": wording.news_words(each.kind, each.by),
                "service": in_language(each.service or each.agency, member.language),
                "url": absolute("cases.case", reference=each.reference),
            }
            for each in found
        ]
    return compose(
        "staff_news",
        to=member.email,
        language=member.language,
        key=f"staff.news:{member_id}:{since.isoformat()}",
        lines=lines,
    )
