"""The letter that asks a provider for its statement on a draft."""

from app.accounts.models import Member
from app.extensions import db
from app.kernel.words import in_language
from app.mail.letter import Letter, compose
from app.reports.models import IssuedReport
from app.reports.rules import ReportState


def statement_asked(issued_report_id: int, member_id: int) -> Letter | None:
    """To one of the provider's staff; None where the draft does not wait for it (any more)."""
    report = db.session.get(IssuedReport, issued_report_id)
    member = db.session.get(Member, member_id)
    if report is None or member is None or report.state != ReportState.WITH_PROVIDER:
        return None
    contract, agency = report.contract, report.contract.agency
    return compose(
        "report_statement",
        to=member.email,
        language=member.language,
        key=f"report.ask:{report.id}:{member_id}",
        agency=in_language(agency.name, member.language),
        title=in_language(contract.title, member.language),
        start=report.starts_on,
        end=report.ends_on,
        due_at=report.statement_due_at,
        timezone=agency.timezone,
        reference=contract.reference,
        slug=agency.slug,
        report_id=report.id,
    )
