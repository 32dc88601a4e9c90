"""What is looked for in the audit."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField

from app.accounts.models import Member
from app.audit.rules import INSTALLATION, Verb
from app.directory.models import Agency
from app.intake.rules import read_reference
from app.kernel.words import in_language
from app.privacy.wording import VERBS


class AuditForm(Form):
    """How the audit is narrowed, read from its address."""

    of = SelectField(_l("Agency"), coerce=str, validate_choice=False)
    case = StringField(_l("Reference"))
    member = SelectField(_l("Member"), coerce=str, validate_choice=False)
    verb = SelectField(_l("What was done"), coerce=str, validate_choice=False)

    def offer(self, agencies: Sequence[Agency], members: Sequence[Member], language: str) -> None:
        anything = ("", _("Any"))
        self.of.choices = [
            (str(INSTALLATION), _("The installation: members, providers")),
            *((str(each.id), in_language(each.name, language)) for each in agencies),
        ]
        self.member.choices = [anything, *((str(each.id), each.name or each.email) for each in members)]
        self.verb.choices = [anything, *((str(value), label) for value, label in VERBS.items())]

    @property
    def reference(self) -> str:
        return read_reference(self.case.data or "")

    @property
    def member_id(self) -> int | None:
        return int(self.member.data) if self.member.data and self.member.data.isdecimal() else None

    @property
    def chosen_verb(self) -> Verb | None:
        return Verb(self.verb.data) if self.verb.data in tuple(Verb) else None

    def to_address(self) -> dict[str, Any]:
        """The answers as they stand in the address, to be kept in links."""
        return {field.name: str(field.data) for field in self if field.data}
