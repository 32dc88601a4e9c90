"""What is kept of people, for those who answer for it: who did what and who looked at what."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from app.directory import queries as directory
from app.kernel.words import Role
from app.privacy import queries, wording
from app.privacy.forms import AuditForm
from app.privacy.queries import WantedEntries
from app.web.access import allow, viewer
from app.web.languages import language
from app.web.paging import Key

bp = Blueprint("privacy", __name__)

OVERSEERS = (Role.MANAGER, Role.ADMINISTRATOR)


@bp.get("/audit")
@allow(*OVERSEERS)
def audit() -> Any:
    """Every change and every look at personal data, newest first."""
    who, form = viewer(), AuditForm(request.args)
    asked = request.args.get("of", "")
    chain = queries.chain_or_404(who, int(asked) if asked.isdecimal() and len(asked) < 10 else None)
    agencies = directory.agencies_for(who)
    form.offer(agencies if who.role == Role.ADMINISTRATOR else [], queries.who_acted(chain), language())
    feedback_id = queries.feedback_by_reference(chain, form.reference) if form.case.data else None
    page = queries.entries(
        WantedEntries(
            chain=chain,
            feedback_id=feedback_id,
            member_id=form.member_id,
            verb=form.chosen_verb,
            is_nothing=bool(form.case.data) and feedback_id is None,
        ),
        before=Key.read(request.args.get("before")),
        after=Key.read(request.args.get("after")),
    )
    kept = form.to_address()
    return render_template(
        "privacy/audit.html",
        form=form,
        page=page,
        may_choose=who.role == Role.ADMINISTRATOR,
        is_narrowed=bool(kept.keys() - {"of"}),
        clear=url_for("privacy.audit", **({"of": kept["of"]} if "of" in kept else {})),
        newer=url_for("privacy.audit", after=page.newer, **kept) if page.newer else None,
        older=url_for("privacy.audit", before=page.older, **kept) if page.older else None,
        timezone=next((each.timezone for each in agencies if each.id == chain), "UTC"),
        may_open=who.role == Role.MANAGER,
        verbs=wording.VERBS,
        doers=wording.DOERS,
        thing=wording.thing,
        detail=wording.detail,
    )
