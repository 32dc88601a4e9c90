"""The form by which a mail is filed."""

from collections.abc import Collection, Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField

from app.directory.models import Contract, Site
from app.kernel.words import in_language
from app.web.texts import gettext as _


class FileForm(FlaskForm):
    """Which place a mail is about and, where several contracts serve it, which of them.

    ``without_contract`` says that whoever files it knows that none does.
    """

    site = SelectField(_l("Site"), coerce=str, validate_choice=False)
    contract = SelectField(_l("Contract, where several serve the site"), coerce=str, validate_choice=False)
    without_contract = BooleanField(_l("File it all the same, without a contract"))

    def offer(
        self, sites: Sequence[Site], contracts: Sequence[Contract], served: Collection[int], language: str
    ) -> None:
        """What there is to choose from; of a site that is not ``served`` it is said."""

        def name(site: Site) -> str:
            of_site = f"{site.code} {in_language(site.name, language)}"
            return of_site if site.id in served else _("%(site)s (no contract in force)", site=of_site)

        self.site.choices = [("", _("Choose one")), *((str(each.id), name(each)) for each in sites)]
        self.contract.choices = [
            ("", _("The only one")),
            *((str(each.id), f"{each.reference} {in_language(each.title, language)}") for each in contracts),
        ]
