"""The resident's form as it would be, at the width of a phone, for the manager who makes its questions."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask_babel import force_locale

from app.directory import queries as directory
from app.directory.models import Contract
from app.directory.retention_periods import Kept, days_of
from app.kernel.words import Role, in_language
from app.questions import queries as questions
from app.resident.forms import GiveForm, Own
from app.resident.queries import Service
from app.resident.views import Scene, give_page
from app.sms import gateway
from app.web.access import allow, viewer
from app.web.headers import POLICY
from app.web.languages import OF_RESIDENTS, code_of, language, locale_of, named

bp = Blueprint("preview", __name__)

FRAMING = f"{POLICY}; frame-src 'self'"
"""What the page with the frame may show in it; what is in it says for itself who may frame it."""

FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")


@bp.get("/contracts/<reference>/questions/preview")
@allow(Role.MANAGER)
def phone(reference: str) -> Any:
    """A frame as wide as a phone."""
    contract = _contract(reference)
    spoken = _spoken()
    response = make_response(
        render_template(
            "questions/preview.html",
            contract=contract,
            is_draft=questions.draft_of(contract) is not None,
            spoken=spoken,
            choices=named(OF_RESIDENTS),
        )
    )
    response.headers["Content-Security-Policy"] = FRAMING
    return response


@bp.get("/contracts/<reference>/questions/preview/form")
@allow(Role.MANAGER)
def form(reference: str) -> Any:
    """The form itself: it can be filled in and is never sent, keeps nothing, and runs no script."""
    contract, code = _contract(reference), _spoken()
    shown = questions.draft_of(contract) or questions.in_use(contract)
    scene = _scene(contract, code)
    own = Own((questions.offered_in(shown, code),) if shown else ())
    with force_locale(locale_of(code)):
        blank = GiveForm(None, services=[(contract.reference, str(scene.services[0].name))], own=own)
        response = make_response(give_page(blank, scene, is_preview=True))
    response.headers["Content-Security-Policy"] = FRAMED
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _spoken() -> str:
    """The language that is looked at, which is not that of the manager's own pages."""
    return code_of(request.args.get("in", "")) or language()


def _scene(contract: Contract, code: str) -> Scene:
    """A place of the contract; without one the contract itself stands for it."""
    site = contract.placings[0].site if contract.placings else None
    service = in_language(contract.service, code)
    return Scene(
        code=site.code if site else "",
        site=in_language(site.name if site else contract.title, code),
        agency=in_language(contract.agency.name, code),
        emergency_number=contract.agency.emergency_number,
        photos_at_once=contract.agency.photos_at_once,
        kept=tuple(days_of(contract.agency.retention, each) for each in (Kept.CONTACT, Kept.PHOTOS, Kept.WORDS)),
        texts_are_sent=gateway.are_sent(),
        services=(Service(contract.id, contract.reference, service, in_language(contract.provider.name, code)),),
        own=(),
    )


def _contract(reference: str) -> Contract:
    return directory.contract_or_404(viewer(), reference, request.args.get("agency"))
