"""Mails that wait to be filed, and the mailboxes they come from."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for

from app.extensions import db
from app.intake import mail_keeping, photo_files
from app.intake.models import MailPhoto
from app.kernel.words import MailReason, Role
from app.mailroom import actions, queries
from app.mailroom.forms import FileForm
from app.mailroom.wording import TROUBLES, WHY
from app.web.access import allow, viewer
from app.web.files import picture
from app.web.languages import language
from app.web.refusals import refuse
from app.web.texts import gettext as _
from app.web.transactions import commits

bp = Blueprint("mailroom", __name__)

OFFICERS = (Role.OFFICER, Role.MANAGER)


@bp.get("/mail")
@allow(*OFFICERS)
def waiting() -> Any:
    return _page()


@bp.post("/mail/<int:mail_id>/file")
@allow(*OFFICERS)
@commits
def file_under(mail_id: int) -> Any:
    """Say which place a mail is about; it is feedback from then on, sent when the mail arrived."""
    mail = queries.waiting_or_404(viewer(), mail_id)
    if mail.why == MailReason.UNREADABLE:
        abort(404)
    form = FileForm()
    site = next((each for each in queries.sites_of(viewer()) if str(each.id) == form.site.data), None)
    if site is None:
        form.site.errors = [_("Choose one of the list.")]
        return _refused(mail_id, form)
    serving = actions.contracts_serving_at(site, mail.arrived_at)
    chosen = [each for each in serving if not form.contract.data or str(each.id) == form.contract.data]
    if len(chosen) > 1:
        form.contract.errors = [_("Several contracts serve this site. Choose the one that it is about.")]
        return _refused(mail_id, form)
    if form.contract.data and not chosen:
        form.contract.errors = [_("This contract does not serve the site.")]
        return _refused(mail_id, form)
    if not serving and not form.without_contract.data:
        form.without_contract.errors = [
            _(
                "No contract is in force at this site on the day the e-mail arrived: a complaint filed there has no "
                "limit and no provider. Tick that you know, or let a contract serve the site first."
            )
        ]
        return _refused(mail_id, form)
    feedback = actions.file_under(mail, site, chosen[0] if chosen else None, member_id=viewer().member_id)
    if feedback is None:
        abort(404)
    flash(_("It is filed. It counts from when the mail arrived."), "success")
    return redirect(url_for("cases.case", reference=feedback.reference), 303)


@bp.post("/mail/<int:mail_id>/add/<reference>")
@allow(*OFFICERS)
@commits
def add_to(mail_id: int, reference: str) -> Any:
    """It belongs to the case that it names. From another address than its resident left, an officer must be sure."""
    mail = queries.waiting_or_404(viewer(), mail_id)
    feedback, named = queries.named_or_404(mail, reference)
    if not named.is_from_its_resident and not request.form.get("sure"):
        refuse(422, _("It comes from another address. Tick that you are sure who wrote it. Nothing was changed."))
    if not named.takes_more:
        refuse(409, _("The case has ended and takes nothing more. Nothing was changed."))
    actions.add_to(mail, feedback, member_id=viewer().member_id)
    flash(_("It is added to the case, as a message of its resident."), "success")
    return redirect(url_for("cases.case", reference=feedback.reference), 303)


@bp.post("/mail/<int:mail_id>/set-aside")
@allow(*OFFICERS)
@commits
def set_aside(mail_id: int) -> Any:
    """It is no feedback: its words are deleted."""
    actions.set_aside(queries.waiting_or_404(viewer(), mail_id), member_id=viewer().member_id or abort(403))
    flash(_("It is set aside. What it said is deleted."), "success")
    return redirect(url_for("mailroom.waiting"), 303)


@bp.post("/mail/<int:mail_id>/photos")
@allow(*OFFICERS)
@commits
def show_photos(mail_id: int) -> Any:
    """The photos of a mail, for a while: who opened them is written down."""
    mail = queries.waiting_or_404(viewer(), mail_id)
    actions.show_photos(viewer(), mail)
    return redirect(url_for("mailroom.waiting", _anchor=f"mail-{mail.id}"), 303)


@bp.get("/mail/photos/<int:photo_id>")
@allow(*OFFICERS)
def photo(photo_id: int) -> Any:
    """A photo that came with a mail that waits."""
    found = db.session.get(MailPhoto, photo_id)
    if found is None or found.agency_id != viewer().agency_id:
        abort(404)
    if not queries.with_open_photos(viewer(), [found.mail_id]):
        return redirect(url_for("mailroom.waiting", _anchor=f"mail-{found.mail_id}"))
    return picture(photo_files.read_small(found.name) or abort(404), "photo")


@bp.get("/mailboxes")
@allow(Role.MANAGER, Role.ADMINISTRATOR)
def mailboxes() -> Any:
    """Which mailboxes are read, for which places, and whether that goes well."""
    agency = queries.agency_of(viewer())
    return render_template(
        "mailroom/mailboxes.html",
        mailboxes=queries.mailboxes_of(viewer()),
        timezone=agency.timezone if agency else "UTC",
        is_manager=viewer().role == Role.MANAGER,
        troubles=TROUBLES,
        has_mail_server=bool(current_app.config["CONFIG"].mail_server),
    )


def _refused(mail_id: int, form: FileForm) -> Any:
    db.session.rollback()
    return _page(mail_id, form), 422


def _page(sent_id: int | None = None, sent: FileForm | None = None) -> str:
    agency = queries.agency_of(viewer()) or abort(403)
    forms, mails = {}, queries.waiting(viewer())
    sites, contracts = queries.sites_of(viewer()), queries.contracts_of(viewer())
    for mail in mails:
        form = sent if mail.id == sent_id and sent is not None else FileForm(formdata=None)
        form.offer(sites, contracts, actions.ids_served_at(agency, mail.arrived_at), language())
        for field in (form.site, form.contract, form.without_contract):
            field.id = f"{field.name}-{mail.id}"
        forms[mail.id] = form
    return render_template(
        "mailroom/waiting.html",
        mails=mails,
        number=mail_keeping.number_waiting(agency.id),
        forms=forms,
        sent=sent,
        why=WHY,
        photos=queries.photos_of([mail.id for mail in mails]),
        photos_open=queries.with_open_photos(viewer(), [mail.id for mail in mails]),
        can_be_filed={mail.id: mail.why != MailReason.UNREADABLE for mail in mails},
        timezone=agency.timezone,
    )
