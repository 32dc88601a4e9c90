"""The questions of a report: from when, until when, as it stood when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, Form, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from app.analysis.wording import private_in
from app.intake.rules import clean
from app.kernel import clock
from app.kernel.periods import quarter_of
from app.reports.rules import LONGEST_CHANGE, LONGEST_STATEMENT
from app.web.fields import Day


@dataclass(frozen=True)
class Questions:
    """What a report is asked for: whole days, both included, and the moment as of which it is reckoned (None: now)."""

    start: date
    end: date
    as_of: datetime | None


class PeriodForm(Form):
    """Read from the address; without an answer it is this quarter, as it stands now."""

    agency = HiddenField()
    start = Day(_l("First day"), [Optional()])
    end = Day(_l("Last day"), [Optional()])
    as_of = StringField(_l("As it stood at"), [Optional()])

    def __init__(self, asked: Any, timezone: str):
        super().__init__(asked)
        self.timezone = timezone
        quarter = quarter_of(clock.now(), timezone)
        if not (self.start.raw_data and self.start.raw_data[0]):
            self.start.data = quarter.start
        if not (self.end.raw_data and self.end.raw_data[0]):
            self.end.data = quarter.end

    def validate_end(self, field: Field) -> None:
        if self.start.data and field.data and field.data < self.start.data:
            raise ValidationError(_("The last day must not be before the first."))

    def validate_as_of(self, field: Field) -> None:
        moment = moment_of(field.data, self.timezone)
        if moment is None:
            raise ValidationError(_("Enter a date and time like 2026-10-12T09:00."))
        if moment > clock.now():
            raise ValidationError(_("This moment is still to come: nobody knows yet what will be then."))

    def to_questions(self) -> Questions:
        """What was asked, once ``validate()`` has said that it can be."""
        return Questions(self.start.data, self.end.data, moment_of(self.as_of.data or "", self.timezone))

    def to_default(self) -> Questions:
        """This quarter up to now: what is shown beside the errors."""
        quarter = quarter_of(clock.now(), self.timezone)
        return Questions(quarter.start, quarter.end, None)


class SaidInPublic(Form):
    """Something that will stand in a report. Who names or reaches somebody in it is asked whether that is meant."""

    is_meant = BooleanField(_l("This names nobody who must not be named: keep it as it is"))

    written_in: ClassVar[str]
    """The field that holds it; of each form its own."""

    def validate_is_meant(self, field: Field) -> None:
        """What may name or reach somebody is kept only by who has seen that it will be public."""
        if self.in_public and not field.data:
            raise ValidationError(_("Change the statement, or tick this to keep it as it is."))

    @property
    def in_public(self) -> list[str]:
        return private_in(self[self.written_in].data or "")


class StatementForm(SaidInPublic):
    """What the provider says to a draft."""

    statement = TextAreaField(_l("Statement of the provider"))
    written_in = "statement"

    def validate_statement(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _checked(field, _("Write your statement."), LONGEST_STATEMENT)


class IssueForm(SaidInPublic):
    """What the agency says to the report that it issues; nothing, where the figures speak for themselves."""

    agency_statement = TextAreaField(_l("Statement of the agency (optional)"))
    written_in = "agency_statement"

    def validate_agency_statement(self, field: Field) -> None:
        field.data = clean(field.data or "") or None
        _check_length(field, LONGEST_STATEMENT)


class CorrectionForm(SaidInPublic):
    """Why an issued report is followed by another."""

    what_changed = TextAreaField(_l("What changed, and why"))
    written_in = "what_changed"

    def validate_what_changed(self, field: Field) -> None:
        field.data = clean(field.data or "")
        _checked(field, _("Say what changed, and why."), LONGEST_CHANGE)


def _checked(field: Field, missing: str, most: int) -> None:
    if not field.data:
        raise ValidationError(missing)
    _check_length(field, most)


def _check_length(field: Field, most: int) -> None:
    if len(field.data or "") > most:
        raise ValidationError(_("Use %(most)s characters or fewer.", most=most))


def moment_of(text: str, timezone: str) -> datetime | None:
    """A moment, by default in the agency's zone; a ``+`` may have become a space on its way. None where unreadable."""
    text = text.strip()
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))
