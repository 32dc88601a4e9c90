"""Who gets the weekly email: members choose, and anybody with the link in a letter can stop it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.accounts.models import Member
from app.digest import actions, letters, queries
from app.digest.forms import ALL, SubscriptionsForm
from app.digest.timing import digest_due_at, latest_due_week
from app.directory.models import Agency
from app.extensions import csrf, db
from app.kernel import clock
from app.kernel.periods import week_of
from app.kernel.words import in_language
from app.web.access import allow, public, viewer
from app.web.languages import language, locale_of
from app.web.pages import AGENCY
from app.web.transactions import commits

bp = Blueprint("digest", __name__)


@bp.route("/weekly-email", methods=["GET", "POST"])
@allow(*AGENCY)
@commits
def subscriptions() -> Any:
    who = viewer()
    agency = db.session.get_one(Agency, who.agency_id)
    running = queries.subscriptions_of(who)
    # Said outright, as a form without a tick would pass for none at all.
    sent = request.form if request.method == "POST" else None
    form = SubscriptionsForm(sent, data={"wanted": [str(each.contract_id or ALL) for each in running]})
    form.offer(
        _("All contracts of %(agency)s", agency=in_language(agency.name, language())),
        queries.contracts_of(who, clock.now()),
        language(),
    )
    if form.validate_on_submit() and who.member_id is not None:
        actions.choose(who.member_id, agency.id, form.to_choice())
        flash(_("Your choice is kept."), "success")
        return redirect(url_for("digest.subscriptions"))

    # The week that runs at the last letter is the next one's.
    last = latest_due_week(clock.now(), agency.timezone)
    next_at = digest_due_at(week_of(last.until, agency.timezone))
    page = render_template(
        "digest/subscriptions.html", form=form, agency=agency, is_subscribed=bool(running), next_at=next_at
    )
    return page, 422 if form.errors else 200


@bp.get("/weekly-email/preview")
@allow(*AGENCY)
def preview() -> Any:
    """What the letters say about last week; for who gets none, the one about all of the agency. Sends nothing."""
    who = viewer()
    agency, member = db.session.get_one(Agency, who.agency_id), db.session.get_one(Member, who.member_id)
    week, now = latest_due_week(clock.now(), agency.timezone), clock.now()
    running = queries.subscriptions_of(who) or [queries.as_if_subscribed(member, agency)]
    return render_template(
        "digest/preview.html",
        letters=[letters.letter_about(each, week, now) for each in running],
        letters_lang=locale_of(member.language).replace("_CN", "").replace("_", "-"),
    )


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
@public
@commits
def unsubscribe(token: str) -> Any:
    """One button; mail programs press it for the reader (RFC 8058), without cookie, form or Origin."""
    subscription = queries.by_token_or_404(token)
    if request.method == "POST":
        actions.unsubscribe(subscription)
    return render_template("digest/unsubscribe.html", subscription=subscription)


# What the address holds is all the proof there is, and all that is asked for.
csrf.exempt(unsubscribe)
