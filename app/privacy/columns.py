"""How the columns of watched tables are called where the audit says which of them changed."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.directory.wording import FIELDS
from app.kernel.words import ActionStep, VerdictStage

COLUMNS: dict[str, Any] = {
    # Of the directory, as in its files and sheets.
    **FIELDS,
    "code": _l("Code"),
    "hint": _l("Hint"),
    "reference": _l("Reference"),
    "slug": _l("Short name"),
    # Of mail and of calls.
    "arrived_at": _l("When it arrived"),
    "wished_at": _l("When it was wished"),
    "done_at": _l("When it was done"),
    "imap_url": _l("How the mailbox is read"),
    "is_emptied": _l("Whether it is emptied"),
    "takes_tags": _l("Whether tagged addresses arrive"),
    "words": _l("Words"),
    "translates": _l("Whether texts may be translated by a machine"),
    "quiet_from": _l("Quiet hours begin"),
    "quiet_until": _l("Quiet hours end"),
    "retention": _l("For how long data is kept"),
    "retention_contact": _l("Days that contact details are kept"),
    "retention_photos": _l("Days that photos are kept"),
    "retention_links": _l("Days that addresses of links for providers are kept"),
    "retention_words": _l("Days that words are kept"),
    "photos_at_once": _l("Whether photos go to the provider at once"),
    "safeguarding_hours": _l("Hours for a safeguarding concern"),
    "two_steps_optional": _l("Managers may sign in with a password alone"),
    "numerator": _l("Numerator"),
    "denominator": _l("Denominator"),
    "source": _l("Source"),
    "file": _l("File"),
    "file_name": _l("File"),
    "month": _l("Month"),
    "key": _l("Short name"),
    "wording": _l("Wording"),
    "aspect": _l("Aspect"),
    "is_for_provider": _l("Whether the provider sees it"),
    # Of members.
    "active": _l("Whether they may sign in"),
    "email": _l("E-mail address"),
    "language": _l("Language"),
    "password": _l("Password"),
    "confirmed_at": _l("When the invitation was accepted"),
    "mf_recovery_codes": _l("Recovery codes"),
    "tf_primary_method": _l("Second step"),
    "tf_totp_secret": _l("Authenticator app"),
    "public_key": _l("Passkey"),
    "role": _l("Role"),
    "is_lead": _l("Leads the provider's people"),
    "is_on_duty": _l("On duty"),
    "is_safeguarding_officer": _l("Safeguarding officer"),
    # Of letters.
    "every": _l("How often"),
    "weekday": _l("Weekday"),
    "hour": _l("Hour"),
    "with_pdf": _l("Reports as PDF with it"),
    "returned_at": _l("When mail came back"),
    "since": _l("Since when"),
    # Of feedback and cases.
    "actor": _l("Who acted"),
    "changed_to": _l("What it was changed to"),
    "channel": _l("Channel"),
    "rating": _l("Rating"),
    "sentiment": _l("Tone"),
    "is_urgent": _l("Urgent"),
    "text": _l("Words"),
    "place": _l("Where exactly"),
    "is_shared": _l("Whether contact details go to the provider"),
    "easy": _l("Easy words"),
    "is_held": _l("Held for review"),
    "is_waiting": _l("Waiting to be looked at"),
    "signs": _l("Why it is held"),
    "set_aside_at": _l("When it was set aside"),
    "is_reachable": _l("Whether the resident can be reached"),
    "has_text": _l("Whether there are words"),
    "has_message": _l("Whether there are words"),
    "is_imported": _l("Taken in from a file"),
    "external_reference": _l("Reference elsewhere"),
    "number": _l("Number"),
    "reason": _l("Reason"),
    "close_reason": _l("Reason for closing"),
    "release_reason": _l("Reason for releasing"),
    "attribution": _l("Whom it is attributable to"),
    "stage": _l("Stage of the verdict"),
    "reply_by": _l("Until when the provider may reply"),
    "contest_by": _l("Until when it may be contested"),
    "is_drawn": _l("Drawn for a second look"),
    "limit_kind": _l("Limit"),
    "step": _l("Step of the limit"),
    "told_at": _l("When somebody was told"),
    "status": _l("State"),
    "bytes": _l("Size"),
    "height": _l("Size"),
    "width": _l("Size"),
    # Of reports, reviews and public figures.
    "state": _l("State"),
    "content": _l("Content"),
    "as_of": _l("As of"),
    "statement": _l("Statement"),
    "agency_statement": _l("Statement of the agency"),
    "statement_at": _l("When the statement was made"),
    "statement_due_at": _l("Until when a statement may be made"),
    "what_changed": _l("What changed"),
    "ratings": _l("Ratings"),
    "what": _l("What it says"),
    "who": _l("Who there"),
    "side": _l("Side"),
    "said": _l("Words"),
    "by_name": _l("By whom"),
    "why": _l("Why"),
    "why_withdrawn": _l("Why it was withdrawn"),
    "is_named": _l("Whether the provider is named"),
    "kept": _l("What is kept"),
    "smallest_cell": _l("Smallest number shown"),
    "revision": _l("Version"),
    # Thresholds of the watch.
    "quick_minutes": _l("Closed within minutes: minutes after it was sent"),
    "quick_cases": _l("Closed within minutes: cases"),
    "unanswered_questions": _l("Questions that nobody answers: questions of a case"),
    "unanswered_cases": _l("Questions that nobody answers: cases"),
    "limit_percent": _l("Closed just before the limit: percent of the limit"),
    "limit_cases": _l("Closed just before the limit: cases"),
    "limit_share": _l("Closed just before the limit: percent of all"),
    "once_seconds": _l("Many closed at once: seconds"),
    "once_cases": _l("Many closed at once: cases"),
    "rejection_hours": _l("Many declined in a short time: hours"),
    "rejection_cases": _l("Many declined in a short time: cases"),
    "short_letters": _l("Very short messages to residents: letters"),
    "short_cases": _l("Very short messages to residents: cases"),
    "repeated_cases": _l("The same message to many residents: cases"),
    "burst_minutes": _l("Many equal ratings in a short time: minutes"),
    "burst_ratings": _l("Many equal ratings in a short time: ratings"),
    "pause_percent": _l("Questions just before the limit: percent of the limit"),
    "pause_cases": _l("Questions just before the limit: cases"),
    "call_hours": _l("Taken back after somebody looked up the contact: hours"),
    "call_cases": _l("Taken back after somebody looked up the contact: cases"),
    "duplicate_percent": _l("Duplicates that hide something: percent of the limit"),
    "duplicate_cases": _l("Duplicates that hide something: cases"),
    # When something was done or ends.
    "added_at": _l("When it was added"),
    "agreed_at": _l("When it was agreed"),
    "approved_at": _l("When it was approved"),
    "at": _l("When"),
    "changed_at": _l("When it was changed"),
    "closed_at": _l("When it was closed"),
    "decided_at": _l("When it was decided"),
    "done_on": _l("When it was done"),
    "drafted_at": _l("When it was drafted"),
    "due_at": _l("When it is due"),
    "due_on": _l("When it is due"),
    "ended_at": _l("When it ended"),
    "ends_at": _l("When it ends"),
    "entered_at": _l("When it was entered"),
    "erase_asked_at": _l("When deleting was asked for"),
    "erased_at": _l("When it was erased"),
    "expires_at": _l("When it ends"),
    "issued_at": _l("When it was issued"),
    "judged_at": _l("When it was judged"),
    "lifted_at": _l("When it was ended"),
    "placed_at": _l("When it began"),
    "published_at": _l("When it was published"),
    "raised_at": _l("When it was raised"),
    "recorded_at": _l("When it was written down"),
    "released_at": _l("When it was released"),
    "revoked_at": _l("When it was taken back"),
    "sent_at": _l("When it was sent"),
    "signed_at": _l("When it was signed"),
    "submitted_at": _l("When it was sent"),
    "taken_in_at": _l("When it was taken in"),
    "withdrawn_at": _l("When it was withdrawn"),
}

BY_WHOM, WHICH, SEALED = _l("By whom"), _l("What it belongs to"), _l("A technical mark")

# Ends of names whose columns say nothing more than this to people.
ENDS: tuple[tuple[str, Any], ...] = (
    ("_by_id", BY_WHOM),
    ("_by", BY_WHOM),
    ("corrects_id", WHICH),
    ("credential_id", SEALED),
    ("_id", WHICH),
    ("_key", SEALED),
    ("_mark", SEALED),
    ("_hash", SEALED),
    ("_sealed", SEALED),
    ("_token", SEALED),
    ("sha256", SEALED),
)

ACTION_STEPS: dict[str, Any] = {
    ActionStep.NOTED: _l("a note"),
    ActionStep.SAID_DONE: _l("the provider says it is done"),
    ActionStep.MISSING: _l("something is missing"),
    ActionStep.ACCEPTED: _l("it is done"),
}

STAGES: dict[str, Any] = {
    VerdictStage.REPLY: _l("proposed, the provider may reply"),
    VerdictStage.OBJECTED: _l("the provider objects"),
    VerdictStage.STANDS: _l("stands"),
    VerdictStage.CONTESTED: _l("contested"),
    VerdictStage.DISPUTED: _l("a second person finds otherwise"),
    VerdictStage.DECIDED: _l("decided by a manager"),
}

STATES: dict[str, Any] = {
    "draft": _l("Draft"),
    "with_provider": _l("With the provider"),
    "issued": _l("Issued"),
    "published": _l("Published"),
    "withdrawn": _l("Withdrawn"),
    "discarded": _l("Discarded"),
}
"""How far a report or public figures have come."""

OF_REPORTS: dict[str, Any] = {"corrects_id": _l("Corrects"), "issued_report_id": _l("Report")}
"""Columns that say which report something is about."""


def kind_of_report(what: str) -> str:
    """Of which kind the report is that an entry about ``what`` refers to: one of several contracts corrects another."""
    return what if what == "issued_overview" else "issued_report"


def column(name: str) -> Any:
    """What a column is called; the name itself where it has none for people, which a test keeps from happening."""
    found = COLUMNS.get(name)
    return found if found is not None else next((label for end, label in ENDS if name.endswith(end)), name)
