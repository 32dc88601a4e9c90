"""Signing in: flask-security with argon2, behind the names that the rest of the product uses."""

from typing import Any

from flask import Flask, session
from flask_login import current_user
from flask_security import SQLAlchemyUserDatastore
from sqlalchemy import select

from app.accounts.models import Member, Membership, SecurityRole
from app.extensions import db, security


def init_app(app: Flask) -> None:
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_JOIN_USER_ROLES=False,  # roles are on the memberships
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_POST_LOGIN_VIEW="/inbox",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
    )
    security.init_app(app, SQLAlchemyUserDatastore(db, Member, SecurityRole))
    app.extensions["load_viewer"] = load_viewer


def load_viewer() -> Membership | None:
    """The membership through which the signed-in member looks: the one they chose, else their first."""
    if not current_user.is_authenticated:
        return None
    mine = select(Membership).where(Membership.member_id == current_user.id).order_by(Membership.id)
    chosen: Any = session.get("membership_id")
    if chosen is not None:
        found = db.session.scalar(mine.where(Membership.id == chosen))
        if found is not None:
            return found
    return db.session.scalar(mine)
