"""Members: who they are, who may come in as what, and coming in for the first time."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app.accounts import actions, passkeys, queries
from app.accounts import two_steps as offers
from app.accounts.forms import (
    ROLE_HINTS,
    ROLES,
    AcceptForm,
    CodeForm,
    DutyForm,
    InviteForm,
    MembershipForm,
    PasskeyForm,
    ProfileForm,
    ProofForm,
    TwoStepsForm,
)
from app.accounts.models import Invitation, Member, Membership
from app.accounts.passwords import known_of
from app.accounts.rules import INVITATION_LASTS, LEAST_PASSWORD, is_fresh, manages, must_use_two_steps, roles_to_give
from app.accounts.signing_in import half_way, house_name, let_in, own_page
from app.directory.models import QUIET_FROM, QUIET_UNTIL, Agency
from app.extensions import csrf, db
from app.kernel import clock
from app.kernel.encryption import CannotUnseal
from app.kernel.words import Role, in_language
from app.mail.bounces import mend, returned_among
from app.web.access import allow, public, viewer
from app.web.languages import language
from app.web.transactions import commits

bp = Blueprint("accounts", __name__)

INVITING = (Role.MANAGER, Role.STAFF, Role.ADMINISTRATOR)
# Of a provider's staff only who leads them; for others what they could manage is not there.
MANAGING = (Role.MANAGER, Role.STAFF, Role.ADMINISTRATOR)
FIRST_PAGE = {Role.ADMINISTRATOR: "accounts.members"}


@bp.get("/start")
@allow(*Role)
def start() -> Any:
    """Where a member lands after signing in: who belongs to several houses says first for which they come."""
    if "membership_id" not in session and len(queries.mine(viewer())) > 1:
        return redirect(url_for("accounts.account", _anchor="memberships"))
    return redirect(url_for(FIRST_PAGE.get(viewer().role, "cases.inbox")))


@bp.route("/account", methods=["GET", "POST"])
@allow(*Role)
@commits
def account() -> Any:
    member = db.session.get_one(Member, viewer().member_id)
    house = db.session.get(Agency, viewer().agency_id) if viewer().agency_id is not None else None
    usual = (house.quiet_from, house.quiet_until) if house else (QUIET_FROM, QUIET_UNTIL)
    form = ProfileForm(
        # Said outright, as a form without a tick would pass for none at all.
        request.form if request.method == "POST" else None,
        data={
            "name": member.name,
            "language": member.language,
            "has_own_quiet": member.quiet_from is not None,
            "quiet_from": usual[0] if member.quiet_from is None else member.quiet_from,
            "quiet_until": usual[1] if member.quiet_until is None else member.quiet_until,
        },
    )
    if form.validate_on_submit():
        profile = form.to_profile()
        actions.change_profile(member, name=profile.name, language=profile.language, quiet=profile.quiet)
        session["language"] = profile.language
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("accounts.account"))
    mine = queries.mine(viewer())
    page = render_template(
        "accounts/account.html",
        form=form,
        invitations=queries.to_me(viewer()),
        memberships=mine,
        here=viewer(),
        house_name=house_name,
        roles=ROLES,
        has_passkeys=bool(passkeys.of(member)),
        usual=usual if house else None,
    )
    return page, 422 if form.errors else 200


@bp.post("/account/membership")
@allow(*Role)
@commits
def choose_membership() -> Any:
    """From now on look through another of one's own memberships."""
    wanted = request.form.get("membership_id", "")
    for membership in queries.mine(viewer()):
        if str(membership.id) == wanted:
            session["membership_id"] = membership.id
            return redirect(url_for(FIRST_PAGE.get(membership.role, "cases.inbox")))
    abort(404)


@bp.post("/account/invitation")
@allow(*Role)
@commits
def answer_invitation() -> Any:
    """Accept or decline an invitation to one's own address; nobody else can."""
    wanted = request.form.get("invitation_id", "")
    for invitation in queries.to_me(viewer()):
        if str(invitation.id) == wanted:
            _answer(invitation, is_accepted=request.form.get("answer") == "accept")
            return redirect(url_for("accounts.account", _anchor="memberships"))
    abort(404)


def _answer(invitation: Invitation, *, is_accepted: bool) -> None:
    """By who has an account: become a member, or not. Says what was done; whatever it is, the invitation is over."""
    house = house_name(invitation)
    if not is_accepted:
        actions.take_back(invitation)
        flash(_("You have declined. %(house)s sees that the invitation is gone.", house=house), "success")
        return
    try:
        actions.accept(invitation)
    except actions.AlreadyMember:
        actions.take_back(invitation)
        flash(_("You are a member of %(house)s already.", house=house), "info")
    except actions.JudgesItself as error:
        actions.take_back(invitation)
        flash(
            _(
                "You belong to %(other)s already. Between it and %(house)s there is a contract, and nobody judges their"
                " own work. So this invitation is over. Be removed there first and ask for a new one, or be invited"
                " with another address.",
                other=house_name(error.membership),
                house=house,
            ),
            "error",
        )
    else:
        text = _("You are now a member of %(house)s too. On your account page you change to it.", house=house)
        flash(text, "success")


@bp.route("/account/two-steps", methods=["GET", "POST"])
@allow(*Role)
@commits
def two_steps() -> Any:
    """Set up signing in in two steps, by a passkey or an app. Once it is, all else for one of them, or a code."""
    member = db.session.get_one(Member, viewer().member_id)
    form, wanted = CodeForm(), request.form.get("wanted", "")
    if wanted == "passkey" and not member.has_two_steps and passkeys.may_add(member):
        return _passkey_page(member, PasskeyForm(formdata=None))
    if member.has_two_steps and not member.has_app:
        return _by_passkey(member, wanted)
    codes = None
    if form.validate_on_submit():
        was_set_up = member.has_two_steps
        try:
            codes = None if was_set_up else offers.set_up(member, form.secret.data or "", form.code.data)
        except CannotUnseal:
            flash(_("This key is not valid any more. Begin again with the new one."), "error")
            return redirect(url_for("accounts.two_steps"), 303)
        if not (codes or (was_set_up and offers.use_code(member, form.code.data))):
            wrong = _("This code is not right, or was used before. Wait for the next one in your app.")
            form.code.errors = [*form.code.errors, wrong]
        elif wanted == "off":
            offers.turn_off(member)
            flash(_("A password alone is enough to sign in now."), "success")
            return redirect(url_for("accounts.account"), 303)
        elif wanted == "passkey" and passkeys.may_add(member):
            return _passkey_page(member, PasskeyForm(formdata=None))
        elif wanted.startswith("remove-"):
            return _without_passkey(member, wanted.removeprefix("remove-"))
        elif was_set_up:
            codes = offers.renew_recovery_codes(member)
    return _two_steps_page(member, form, codes, is_offered=not member.has_two_steps)


def _two_steps_page(member: Member, form: Any, codes: list[str] | None = None, *, is_offered: bool, **more: Any) -> Any:
    """Either step to choose from with an app's key, the recovery codes that are new, or what can be changed."""
    page = render_template(
        "accounts/two_steps.html",
        form=form,
        offered=offers.offer(member, form.secret.data or None) if is_offered else None,
        codes=codes,
        left=len(member.mf_recovery_codes or ()),
        is_required=_needs_two_steps(),
        keys=passkeys.of(member),
        may_add=passkeys.may_add(member),
        has_app=member.has_app,
        **more,
    )
    return page, 422 if form.errors else 200


def _by_passkey(member: Member, wanted: str) -> Any:
    """All changes for who has passkeys and no app: first one of the keys, or a recovery code, says who sits there."""
    if not passkeys.is_proved(session):
        return _prove(member)
    form = CodeForm()
    if wanted == "app" or form.secret.data:
        codes = None
        if form.secret.data and form.validate_on_submit():
            try:
                codes = offers.set_up(member, form.secret.data, form.code.data)
            except CannotUnseal:
                flash(_("This key is not valid any more. Begin again with the new one."), "error")
                return redirect(url_for("accounts.two_steps"), 303)
            if codes is None:
                wrong = _("This code is not right, or was used before. Wait for the next one in your app.")
                form.code.errors = [*form.code.errors, wrong]
            else:
                passkeys.forget_proof(session)
        return _two_steps_page(member, form, codes, is_offered=codes is None)
    if not wanted:
        return _two_steps_page(member, form, is_offered=False, is_proved=True)
    passkeys.forget_proof(session)
    if wanted == "off":
        offers.turn_off(member)
        flash(_("A password alone is enough to sign in now."), "success")
        return redirect(url_for("accounts.account"), 303)
    if wanted == "passkey" and passkeys.may_add(member):
        return _passkey_page(member, PasskeyForm(formdata=None))
    if wanted.startswith("remove-"):
        return _without_passkey(member, wanted.removeprefix("remove-"))
    return _two_steps_page(member, form, offers.renew_recovery_codes(member), is_offered=False)


def _prove(member: Member) -> Any:
    form = ProofForm()
    if form.validate_on_submit():
        try:
            if form.credential.data:
                passkeys.prove(member, session, form.credential.data)
                right = True
            else:
                right = offers.use_recovery_code(member, form.code.data or "")
        except passkeys.NoPasskey:
            right = False
        if right:
            passkeys.remember_proof(session)
            return redirect(url_for("accounts.two_steps"), 303)
        wrong = _("That is neither one of your passkeys nor a recovery code that is left. Nothing was changed.")
        form.code.errors = [*form.code.errors, wrong]
    asked = passkeys.ask_to_sign_in(member, session)
    return _two_steps_page(member, form, is_offered=False, asked=asked, is_proved=False)


@bp.post("/account/two-steps/passkey")
@allow(*Role)
@commits
def add_passkey() -> Any:
    """The key that the browser has made, after a code said that it may."""
    member = db.session.get_one(Member, viewer().member_id)
    form = PasskeyForm()
    if not passkeys.is_asked_to_add(member, session):
        flash(_("That took too long. Begin again."), "error")
        return redirect(url_for("accounts.two_steps"), 303)
    if form.validate_on_submit():
        try:
            passkeys.add(member, session, form.credential.data or "", form.name.data)
        except passkeys.NameTaken:
            form.name.errors = [*form.name.errors, _("You have a passkey of this name.")]
        except passkeys.NoPasskey:
            flash(_("No passkey was added: the browser's answer did not fit. Begin again."), "error")
            return redirect(url_for("accounts.two_steps"), 303)
        else:
            flash(_("The passkey %(name)s is added.", name=form.name.data), "success")
            if not member.has_two_steps:
                codes = offers.begin_with_passkey(member)
                return _two_steps_page(member, CodeForm(formdata=None), codes, is_offered=False)
            return redirect(url_for("accounts.two_steps"), 303)
    return _passkey_page(member, form), 422


def _passkey_page(member: Member, form: PasskeyForm) -> str:
    """Name it and let the browser make it; where one is made already, only the name is missing."""
    asked = None if form.credential.data else passkeys.ask_to_add(member, session)
    return render_template("accounts/passkey.html", form=form, asked=asked)


def _without_passkey(member: Member, passkey_id: str) -> Any:
    try:
        name = passkeys.remove(member, int(passkey_id)) if passkey_id.isdecimal() else None
    except passkeys.OnlySecondStep:
        flash(_("It is your only second step. Add another passkey or an app first, or turn it off."), "error")
        return redirect(url_for("accounts.two_steps"), 303)
    if name is None:
        abort(404)
    flash(_("The passkey %(name)s is removed.", name=name), "success")
    return redirect(url_for("accounts.two_steps"), 303)


@bp.post("/sign-in/passkey")
@public
@commits
def sign_in_with_passkey() -> Any:
    """The second step: the browser's answer to what the page before asked it."""
    member = half_way()
    if member is None:
        return redirect(url_for("security.login"), 303)
    wanted = request.args.get("next")
    try:
        passkeys.prove(member, session, request.form.get("credential", ""))
    except passkeys.NoPasskey:
        flash(_("That passkey did not let you in. Try again, or enter a code."), "error")
        return redirect(url_for("security.two_factor_token_validation", next=wanted), 303)
    let_in(member)
    return redirect(own_page(wanted) or url_for("accounts.start"), 303)


def _needs_two_steps() -> bool:
    """Whether one of the viewer's memberships is used by who signed in in two steps alone."""
    return any(
        must_use_two_steps(each.role, is_optional=each.agency is not None and each.agency.two_steps_optional)
        for each in queries.mine(viewer())
    )


@bp.get("/members")
@allow(*INVITING)
def members() -> Any:
    found = queries.memberships(viewer())
    return render_template(
        "accounts/members.html",
        memberships=found,
        invitations=(waiting := queries.invitations(viewer())),
        returned=returned_among([*(each.member.email for each in found), *(each.email for each in waiting)]),
        here=viewer(),
        may_manage=_manages(),
        house_name=house_name,
        roles=ROLES,
        expires_before=clock.now() - INVITATION_LASTS,
    )


@bp.route("/members/invite", methods=["GET", "POST"])
@allow(*INVITING)
@commits
def invite() -> Any:
    who = viewer()
    found = queries.houses(who)
    roles = roles_to_give(who.role, to_providers=any(house.provider_id is not None for house, _row in found))
    houses = [
        (house, in_language(row.name, language()) if row else _("The whole installation")) for house, row in found
    ]
    form = InviteForm(data={"language": language(), "role": roles[0] if len(roles) == 1 else None})
    form.offer(roles)
    form.offer_houses(houses)
    if form.validate_on_submit():
        asked = form.to_invitation()
        try:
            actions.invite(asked.email, asked.role, asked.house, language=asked.language)
        except actions.AlreadyMember:
            form.email.errors = [*form.email.errors, _("They are a member already.")]
        except actions.AlreadyInvited:
            form.email.errors = [*form.email.errors, _("They are invited already. Send it again under Members.")]
        except actions.NoAddress:
            form.email.errors = [*form.email.errors, _("Enter an e-mail address, like name@example.org.")]
        except actions.WrongHouse:
            form.role.errors = [*form.role.errors, _("This role does not fit the agency or provider chosen.")]
        else:
            flash(_("The invitation to %(email)s goes out now.", email=asked.email), "success")
            return redirect(url_for("accounts.members"))
    page = render_template(
        "accounts/invite.html", form=form, hints=_hints(roles), houses=houses, days=INVITATION_LASTS.days
    )
    return page, 422 if form.errors else 200


@bp.route("/members/<int:membership_id>", methods=["GET", "POST"])
@allow(*MANAGING)
@commits
def member(membership_id: int) -> Any:
    """Change the role of a membership; nobody changes their own, so that nobody locks themselves out."""
    membership = _managed_or_404(membership_id)
    roles = _roles_of_house(membership)
    # Said outright, as a form without a tick would pass for none at all.
    sent = request.form if request.method == "POST" else None
    form = MembershipForm(
        sent,
        data={
            "role": membership.role.value,
            "is_safeguarding_officer": membership.is_safeguarding_officer,
            "is_lead": membership.is_lead,
        },
    )
    form.offer(roles)
    if form.validate_on_submit():
        actions.change_role(membership, form.to_role())
        if membership.agency_id is not None:
            actions.appoint(membership, is_safeguarding_officer=form.is_safeguarding_officer.data)
        if membership.provider_id is not None:
            actions.make_lead(membership, is_lead=form.is_lead.data)
        flash(_("The role is changed."), "success")
        return redirect(url_for("accounts.members"))
    page = render_template(
        "accounts/member.html",
        form=form,
        membership=membership,
        house_name=house_name,
        hints=_hints(roles),
        returned=returned_among([membership.member.email]).get(membership.member.email),
    )
    return page, 422 if form.errors else 200


@bp.route("/duty", methods=["GET", "POST"])
@allow(Role.MANAGER)
@commits
def duty() -> Any:
    """Who of the agency is told at once of what is urgent, and the limit of safeguarding concerns."""
    agency = db.session.get_one(Agency, viewer().agency_id)
    memberships, hours = queries.of_agency(viewer()), agency.safeguarding_hours
    sent = request.form if request.method == "POST" else None
    form = DutyForm(
        sent,
        data={
            "on_duty": [str(each.id) for each in memberships if each.is_on_duty],
            "safeguarding_hours": int(hours) if hours.is_integer() else hours,
        },
    )
    form.offer(memberships)
    if form.validate_on_submit():
        asked = form.to_duty()
        actions.put_on_duty(memberships, asked.on_duty)
        actions.set_safeguarding_hours(agency, asked.safeguarding_hours)
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("accounts.duty"))
    return render_template("accounts/duty.html", form=form), 422 if form.errors else 200


@bp.route("/members/two-steps", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
@commits
def two_steps_of_managers() -> Any:
    """At which agencies managers may sign in with a password alone. No manager decides that about themselves."""
    agencies = queries.agencies(viewer())
    chosen = {"optional": [str(each.id) for each in agencies if each.two_steps_optional]}
    # Said outright, as a form without a tick would pass for none at all.
    form = TwoStepsForm(request.form if request.method == "POST" else None, data=chosen)
    form.offer(agencies, language())
    if form.validate_on_submit():
        actions.let_managers_use_one_step(agencies, form.chosen)
        flash(_("Your changes are kept."), "success")
        return redirect(url_for("accounts.two_steps_of_managers"), 303)
    return render_template("accounts/two_steps_of_managers.html", form=form), 422 if form.errors else 200


@bp.post("/members/<int:membership_id>/remove")
@allow(*MANAGING)
@commits
def remove(membership_id: int) -> Any:
    membership = _managed_or_404(membership_id)
    email = membership.member.email
    actions.remove(membership)
    flash(_("%(email)s is no longer a member.", email=email), "success")
    return redirect(url_for("accounts.members"))


@bp.post("/members/<int:membership_id>/mend")
@allow(*MANAGING)
@commits
def mend_address(membership_id: int) -> Any:
    """Mail came back from the address of a member, and it works again: letters are sent to it from now on."""
    membership = _managed_or_404(membership_id)
    mend(membership.member.email)
    flash(_("Letters are sent to %(email)s again.", email=membership.member.email), "success")
    return redirect(url_for("accounts.members"))


@bp.get("/members/invitations/<int:invitation_id>")
@allow(*INVITING)
def invitation(invitation_id: int) -> Any:
    """Who is invited and has not answered: nothing of them but the address."""
    found = queries.invitation_or_404(viewer(), invitation_id)
    return render_template(
        "accounts/invitation.html",
        invitation=found,
        house_name=house_name,
        roles=ROLES,
        may_manage=_manages(),
        is_over=not is_fresh(found.invited_at, clock.now()),
        days=INVITATION_LASTS.days,
        returned=returned_among([found.email]).get(found.email),
    )


@bp.post("/members/invitations/<int:invitation_id>/again")
@allow(*INVITING)
@commits
def invite_again(invitation_id: int) -> Any:
    """A new letter with a new link; the link before ends. To an address whose mail came back, too."""
    found = queries.invitation_or_404(viewer(), invitation_id)
    mend(found.email)
    actions.send_invitation(found)
    flash(_("The invitation to %(email)s goes out now.", email=found.email), "success")
    return redirect(url_for("accounts.members"))


@bp.post("/members/invitations/<int:invitation_id>/take-back")
@allow(*MANAGING)
@commits
def take_back(invitation_id: int) -> Any:
    found = queries.invitation_or_404(viewer(), invitation_id) if _manages() else abort(404)
    actions.take_back(found)
    flash(_("The invitation to %(email)s is taken back.", email=found.email), "success")
    return redirect(url_for("accounts.members"))


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@public
@commits
def accept(token: str) -> Any:
    """By the link in the letter: say one's name and choose a password, or, with an account, accept or decline."""
    invited = queries.invited(token)
    if invited is None:
        return render_template("accounts/invitation_over.html", days=INVITATION_LASTS.days), 404
    answer = request.form.get("answer") if request.method == "POST" else None
    if queries.has_account(invited.email):
        if answer in ("accept", "decline"):
            _answer(invited, is_accepted=answer == "accept")
            return redirect(url_for("security.login"), 303)
        page = render_template(
            "accounts/answer.html", invited=invited, house=house_name(invited), role=ROLES[invited.role]
        )
        return page, 422 if request.method == "POST" else 200
    if answer == "decline":
        name = house_name(invited)
        actions.take_back(invited)
        return render_template("accounts/declined.html", house=name)
    form = AcceptForm(data={"language": invited.language}, meta={"csrf": False})
    house = invited.agency or invited.provider
    form.known = known_of(invited.email, houses=[house.name] if house else [])
    if form.validate_on_submit():
        profile = form.to_profile()
        actions.accept(invited, name=profile.name, password=form.password.data, language=profile.language)
        flash(_("Welcome. Sign in with your new password."), "success")
        return redirect(url_for("security.login"))
    page = render_template(
        "accounts/accept.html",
        form=form,
        invited=invited,
        house=house_name(invited),
        role=ROLES[invited.role],
        hint=ROLE_HINTS[invited.role],
        least=LEAST_PASSWORD,
    )
    return page, 422 if form.errors else 200


# The token in the address is all the proof there is; the page sets no cookie that another site could use.
csrf.exempt(accept)


def _manages() -> bool:
    return manages(viewer().role, is_lead=getattr(viewer(), "is_lead", False))


def _managed_or_404(membership_id: int) -> Membership:
    return _other_or_404(membership_id) if _manages() else abort(404)


def _other_or_404(membership_id: int) -> Membership:
    membership = queries.membership_or_404(viewer(), membership_id)
    return membership if membership.member_id != viewer().member_id else abort(404)


def _roles_of_house(membership: Membership) -> list[Role]:
    """The roles a membership can change to: those of its own house."""
    if membership.agency_id is not None:
        return [Role.VIEWER, Role.OFFICER, Role.MANAGER]
    return [membership.role]


def _hints(roles: Any) -> dict[str, str]:
    return {role.value: str(ROLE_HINTS[role]) for role in roles}
