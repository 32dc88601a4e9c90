"""Who gets the weekly email: members choose, and anybody with the link in a letter can stop it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.accounts.models import Member
from app.digest import actions, letters, queries
from app.digest.forms import ALL, SubscriptionsForm
from app.digest.timing import latest_due_week, next_due_at
from app.directory.models import Agency
from app.extensions import csrf, db
from app.kernel import clock
from app.kernel.words import Role, in_language
from app.web.access import allow, public, viewer
from app.web.languages import language, locale_of
from app.web.pages import AGENCY
from app.web.transactions import commits

bp = Blueprint("digest", __name__)

READERS = (*AGENCY, Role.STAFF)


@bp.route("/weekly-email", methods=["GET", "POST"])
@allow(*READERS)
@commits
def subscriptions() -> Any:
    who = viewer()
    member = db.session.get_one(Member, who.member_id)
    agency = db.session.get(Agency, who.agency_id) if who.agency_id is not None else None
    running = queries.subscriptions_of(who)
    contracts = queries.contracts_of(who, clock.now())
    wish = queries.wish_of(member.id)
    # Said outright, as a form without a tick would pass for none at all.
    sent = request.form if request.method == "POST" else None
    kept = {"every": wish.every, "weekday": wish.weekday, "hour": wish.hour, "with_pdf": wish.with_pdf}
    form = SubscriptionsForm(sent, data={"wanted": [str(each.contract_id or ALL) for each in running], **kept})
    form.offer(
        _("All contracts of %(agency)s", agency=in_language(agency.name, language())) if agency else None,
        contracts,
        language(),
    )
    if form.validate_on_submit():
        wanted = form.to_choice()
        for agency_id in {contract.agency_id for contract in contracts} | ({agency.id} if agency else set()):
            theirs = {contract.id for contract in contracts if contract.agency_id == agency_id}
            actions.choose(member.id, agency_id, [each for each in wanted if each is None or each in theirs])
        actions.wish(member.id, form.to_when(), form.with_pdf.data)
        flash(_("Your choice is kept."), "success")
        return redirect(url_for("digest.subscriptions"))

    timezone = agency.timezone if agency else contracts[0].agency.timezone if contracts else "UTC"
    page = render_template(
        "digest/subscriptions.html",
        form=form,
        timezone=timezone,
        has_choice=bool(form.wanted.choices),
        is_subscribed=bool(running),
        next_at=next_due_at(clock.now(), timezone, wish.when),
        member=member,
    )
    return page, 422 if form.errors else 200


@bp.get("/weekly-email/preview")
@allow(*READERS)
def preview() -> Any:
    """What the letters say about last week; for who gets none, the one about all of the agency. Sends nothing."""
    who = viewer()
    member, now = db.session.get_one(Member, who.member_id), clock.now()
    running = list(queries.subscriptions_of(who))
    if not running and who.agency_id is not None:
        running = [queries.as_if_subscribed(member, db.session.get_one(Agency, who.agency_id))]
    elif not running:
        theirs = queries.contracts_of(who, now)
        running = [queries.as_if_subscribed(member, contract.agency, contract) for contract in theirs]
    when = queries.wish_of(member.id).when
    return render_template(
        "digest/preview.html",
        letters=[letters.letter_about(each, latest_due_week(now, each.agency.timezone, when), now) for each in running],
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
