"""The form by which a mail is filed."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField

from app.directory.models import Contract, Site
from app.kernel.words import in_language
from app.web.texts import gettext as _


class FileForm(FlaskForm):
    """Which place a mail is about and, where several contracts serve it, which of them."""

    site = SelectField(_l("Site"), coerce=str, validate_choice=False)
    contract = SelectField(_l("Contract, where several serve the site"), coerce=str, validate_choice=False)

    def offer(self, sites: Sequence[Site], contracts: Sequence[Contract], language: str) -> None:
        """What there is to choose from."""
        self.site.choices = [
            ("", _("Choose one")),
            *((str(each.id), f"{each.code} {in_language(each.name, language)}") for each in sites),
        ]
        self.contract.choices = [
            ("", _("The only one")),
            *((str(each.id), f"{each.reference} {in_language(each.title, language)}") for each in contracts),
        ]
