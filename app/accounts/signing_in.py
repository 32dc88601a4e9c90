"""Signing in: flask-security with argon2, sessions that end, letters by our own postman."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, has_request_context, redirect, request, session, url_for
from flask_login import current_user, user_logged_in, user_logged_out
from flask_login.utils import _user_context_processor
from flask_security import LoginForm, MailUtil, PasswordUtil, SQLAlchemyUserDatastore, TwoFactorRescueForm
from flask_security.tf_plugin import tf_check_state
from flask_security.utils import validate_redirect_url
from limits import RateLimitItem, parse_many
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Field, RadioField

from app.accounts import passkeys, two_steps
from app.accounts.actions import promise_letter
from app.accounts.forms import WEAK
from app.accounts.messages import MESSAGES
from app.accounts.models import Invitation, Member, Membership, SecurityRole
from app.accounts.passwords import weakness_of
from app.accounts.queries import known_of_member
from app.accounts.rules import LEAST_PASSWORD, RESET_WITHIN, Mail, is_over, must_use_two_steps
from app.audit.actions import note
from app.audit.rules import Verb
from app.config import ROOT
from app.extensions import db, limiter, security
from app.kernel import clock
from app.kernel.words import Role, in_language
from app.web.access import current_viewer
from app.web.languages import language, speaks_for_itself
from app.web.texts import gettext as _
from app.web.transactions import WRITING

NOTE_EVERY = timedelta(minutes=5)
"""How exactly a session knows when it was last used: more exactly would send a cookie with every page."""

# endpoint → how often it may be tried for one name, and from one address
THROTTLED = {
    "security.login": ("10 per 15 minutes; 40 per day", "30 per 15 minutes"),
    "security.forgot_password": ("5 per hour", "20 per hour"),
    "security.two_factor_token_validation": ("10 per 15 minutes; 40 per day", "30 per 15 minutes"),
    "security.mf_recovery": ("10 per 15 minutes; 40 per day", "30 per 15 minutes"),
    "accounts.sign_in_with_passkey": ("10 per 15 minutes; 40 per day", "30 per 15 minutes"),
    # Who finds a session open must not guess a code that takes the second step away.
    "accounts.two_steps": ("10 per 15 minutes; 40 per day", "30 per 15 minutes"),
}
# Of these only what is wrong counts, which is answered by the form again; what is right leads on.
SIGNING_IN = frozenset({"security.login", "security.two_factor_token_validation", "security.mf_recovery"})
# Of these it is answered as a mistake in a form.
SIGNED_IN = frozenset({"accounts.two_steps"})

# Pages of flask-security that nobody needs: setting up has a page of its own, lost codes are an administrator's work.
UNUSED = ("two_factor_setup", "two_factor_setup_validate", "two_factor_rescue", "tf_select", "mf_recovery_codes")

# Where members can be who must still set up the second step: to do so, to leave, or to change to another membership.
BEFORE_TWO_STEPS = frozenset(
    {
        "accounts.two_steps",
        "accounts.add_passkey",
        "accounts.account",
        "accounts.choose_membership",
        "security.change_password",
        "security.logout",
    }
)

LETTERS = {
    "reset_instructions": Mail.RESET,
    "reset_notice": Mail.CHANGED,
    "change_notice": Mail.CHANGED,
}


class SignInForm(LoginForm):
    """Without "remember me": sessions end."""

    remember = None

    def validate_next(self, field: Field) -> None:
        """A link that would lead to another site leads to one's own first page."""
        if field.data and not validate_redirect_url(field.data):
            field.data = ""


class NoRescueForm(TwoFactorRescueForm):
    """flask-security makes this form for a page that we do not show; its own warns of how it is made."""

    help_setup = RadioField(choices=[])


class OwnPasswords(PasswordUtil):
    """Refuses what others would try first, with our words, where a password is changed or was forgotten."""

    def validate(self, password: str, is_register: bool, **who: Any) -> tuple[list[str] | None, str]:
        wrong, password = super().validate(password, is_register, **who)
        if wrong:
            return wrong, password
        weakness = weakness_of(password, known_of_member(who["user"]))
        return ([str(WEAK[weakness])] if weakness else None), password


class Promised(MailUtil):
    """Lets the outbox write and send what flask-security would send at once; tokens are made when it is written."""

    def send_mail(self, template: str, *_rendered: Any, **context: Any) -> None:
        promise_letter(context["user"], LETTERS[template.rsplit("/", 1)[-1]])


def init_app(app: Flask) -> None:
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 (the name of a method)
        SECURITY_JOIN_USER_ROLES=False,  # roles are on the memberships
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_PASSWORD_LENGTH_MIN=LEAST_PASSWORD,
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="/start",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_RECOVERABLE=True,
        SECURITY_RESET_URL="/forgotten-password",
        SECURITY_RESET_PASSWORD_WITHIN=RESET_WITHIN,
        SECURITY_AUTO_LOGIN_AFTER_RESET=False,
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/account/password",
        SECURITY_POST_CHANGE_VIEW="/account",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=[two_steps.METHOD],
        SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL="/sign-in/code",  # noqa: S106 (an address)
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_URL="/sign-in/recovery",
        SECURITY_TOTP_SECRETS={1: "not used: keys are sealed with the data keys"},
        SECURITY_TOTP_ISSUER=two_steps.ISSUER,
        # Changing a password asks for the old one; nothing else needs a page to sign in once more.
        SECURITY_FRESHNESS=timedelta(-1),
        # Sessions only: a token that opens everything would outlive them.
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        # We write our own letters.
        SECURITY_EMAIL_HTML=False,
        SECURITY_EMAIL_PLAINTEXT=False,
        # Its messages are ours, and so are their translations.
        SECURITY_I18N_DOMAIN="messages",
        SECURITY_I18N_DIRNAME=[str(ROOT / "translations")],
        **{f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()},
    )
    datastore = SQLAlchemyUserDatastore(db, Member, SecurityRole)
    # The constructor alone takes these classes, and it ran before there was anything to give it.
    security._mail_util_cls, security._password_util_cls = Promised, OwnPasswords
    security._totp_cls, security._mf_recovery_codes_util_cls = two_steps.Authenticator, two_steps.RecoveryCodes
    security.init_app(app, datastore, login_form=SignInForm, two_factor_rescue_form=NoRescueForm)
    app.login_manager._request_callback = None  # type: ignore[attr-defined]
    # Who looks is asked where members come in, and not before every page of the public.
    security.principal.identity_loaders.clear()
    # Nor in their templates, none of which names ``current_user``: who reads the session cannot be cached for all.
    app.template_context_processors[None] = [
        each for each in app.template_context_processors[None] if each is not _user_context_processor
    ]
    remember = app.login_manager._update_remember_cookie  # type: ignore[attr-defined]
    app.after_request_funcs[None] = [
        (lambda response: remember(response) if speaks_for_itself() else response) if each == remember else each
        for each in app.after_request_funcs[None]
    ]
    _end_sessions(app)
    _throttle(app)
    # A member's page like any other: their language, their navigation.
    vars(app.view_functions["security.change_password"])["access"] = frozenset(Role)
    for name in UNUSED:
        app.view_functions[f"security.{name}"] = not_here
    _ask_for_two_steps(app)
    app.extensions["load_viewer"] = load_viewer

    @security.tf_token_validation_context_processor
    def passkey() -> dict[str, Any]:
        """The page that asks for a code asks the browser for a passkey as well, where there is one."""
        member = half_way()
        return {
            "asked": passkeys.ask_to_sign_in(member, session) if member else None,
            "has_app": member is None or member.has_app,
        }

    @app.after_request
    def commit_what_flask_security_wrote(response: Response) -> Response:
        """Its views wear no ``@commits``."""
        if request.blueprint == "security" and request.method in WRITING and response.status_code < 400:
            db.session.commit()
        return response

    @app.context_processor
    def whose_desk() -> dict[str, str]:
        """On members' pages the head names the agency or provider they look through."""
        if not has_request_context() or not speaks_for_itself():
            return {}
        return {"agency_name": house_name(current_viewer())}


def half_way() -> Member | None:
    """Who has given their password and not taken the second step yet."""
    found = tf_check_state(["ready"])
    return found if isinstance(found, Member) else None


def let_in(member: Member) -> None:
    """They have taken the second step."""
    security.two_factor_plugins.tf_complete(member, dologin=True)


def own_page(address: str | None) -> str | None:
    """The address, where it leads to one of our own pages."""
    return address if address and validate_redirect_url(address) else None


def not_here() -> Any:
    """A page of flask-security that we do without."""
    abort(404)


def load_viewer() -> Membership | None:
    """The membership through which the signed-in member looks: the one they chose, else their first."""
    if not current_user.is_authenticated:
        return None
    mine = (
        select(Membership)
        .where(Membership.member_id == current_user.id)
        .options(joinedload(Membership.agency), joinedload(Membership.provider), joinedload(Membership.member))
        .order_by(Membership.id)
    )
    chosen = session.get("membership_id")
    found = db.session.scalar(mine.where(Membership.id == chosen)) if chosen is not None else None
    found = found or db.session.scalar(mine.limit(1))
    if found is None:
        # Nothing to look at, and to be sent to the sign-in page while signed in would go round in circles.
        session.pop("_user_id", None)
    return found


def house_name(viewer: Any) -> str:
    """The name of the agency or provider of a membership or an invitation, in the language of the page."""
    if not isinstance(viewer, Membership | Invitation):
        return ""
    house = viewer.agency or viewer.provider
    return in_language(house.name, language()) if house else _("Administration")


def _ask_for_two_steps(app: Flask) -> None:
    """Who looks through a membership that needs the second step, and has none, comes to the page that sets it up."""

    @app.before_request
    def lead_to_two_steps() -> Any:
        view = app.view_functions.get(request.endpoint or "")
        if getattr(view, "access", "public") == "public" or request.endpoint in BEFORE_TWO_STEPS:
            return None
        who = current_viewer()
        if isinstance(who, Membership) and must_set_up(who):
            return redirect(url_for("accounts.two_steps"), 303)
        return None


def must_set_up(who: Membership) -> bool:
    """Whether a member must set up the second step before they look through this membership."""
    is_optional = who.agency is not None and who.agency.two_steps_optional
    return must_use_two_steps(who.role, is_optional=is_optional) and not who.member.has_two_steps


def _end_sessions(app: Flask) -> None:
    """A session ends after hours of rest and after days of use, and everywhere when its member signs out."""
    load_member: Callable[[str], Member | None] = app.login_manager._user_callback  # type: ignore[attr-defined]

    @app.login_manager.user_loader  # type: ignore[attr-defined,untyped-decorator]
    def load_unless_over(user_id: str) -> Member | None:
        now = clock.now()
        since, seen = (session.get(name, now.timestamp()) for name in ("since", "seen"))
        if is_over(since, seen, now.timestamp()):
            return None
        if "since" not in session or now.timestamp() - seen > NOTE_EVERY.total_seconds():
            session["since"], session["seen"] = since, now.timestamp()
        return load_member(user_id)

    @user_logged_in.connect_via(app)  # type: ignore[untyped-decorator]
    def begin(_app: Flask, user: Member, **_more: Any) -> None:
        session["since"] = session["seen"] = clock.now().timestamp()
        note(Verb.SIGNED_IN, "member", subject_id=user.id, member_id=user.id)

    @user_logged_out.connect_via(app)  # type: ignore[untyped-decorator]
    def end_everywhere(_app: Flask, user: Any, **_more: Any) -> None:
        """A cookie that was copied before is worth nothing after."""
        for name in ("since", "seen", "membership_id", "language"):
            session.pop(name, None)
        if isinstance(user, Member):
            security.datastore.set_uniquifier(user)
            note(Verb.SIGNED_OUT, "member", subject_id=user.id, member_id=user.id)


def _throttle(app: Flask) -> None:
    """Forms that try names and passwords get slow; of signing in, only what is wrong counts (200, where right is 302).

    Asked here and not by decorating the views, which are flask-security's and shared by all applications of a process.
    """

    @app.before_request
    def refuse_who_tried_too_often() -> None:
        if not all(limiter.test(limit, *names) for limit, names in _limits_here()):
            abort(429)

    @app.after_request
    def count_tries(response: Response) -> Response:
        if request.endpoint in SIGNED_IN:
            counts = response.status_code == 422
        else:
            counts = response.status_code == 200 or (response.status_code < 400 and request.endpoint not in SIGNING_IN)
        if counts:
            for limit, names in _limits_here():
                limiter.hit(limit, *names)
        return response


def _limits_here() -> list[tuple[RateLimitItem, tuple[str, str]]]:
    """The limits of this request, each with whom it is counted for."""
    if request.method != "POST" or request.endpoint not in THROTTLED:
        return []
    for_a_name, from_an_address = THROTTLED[request.endpoint]
    name = (
        (request.form.get("email") or session.get("tf_user_id") or session.get("_user_id") or "")
        .strip()
        .casefold()[:255]
    )
    return [
        *[(limit, (request.endpoint, f"name:{name}")) for limit in parse_many(for_a_name)],
        *[(limit, (request.endpoint, f"from:{request.remote_addr}")) for limit in parse_many(from_an_address)],
    ]
