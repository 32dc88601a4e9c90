"""Which posters are wanted: on what paper, of which sites."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from app.directory.models import Site
from app.posters.rules import Paper
from app.web.filters import said
from app.web.texts import gettext as _

PAPERS = {
    Paper.A4: _l("Poster, A4"),
    Paper.A6: _l("Card, A6"),
    Paper.STICKERS: _l("Stickers, ten to a sheet of A4"),
}


class PosterForm(Form):
    """Asked by address, so that a file can be linked."""

    paper = RadioField(
        _l("What do you want to print?"),
        [InputRequired(_l("Choose what to print."))],
        choices=[SelectChoice(str(paper), label) for paper, label in PAPERS.items()],
        default=str(Paper.A4),
    )
    site = SelectField(_l("Of which site?"), choices=[], default="")

    def __init__(self, asked: Any, sites: Sequence[Site], *, may_all: bool):
        super().__init__(asked)
        each = [SelectChoice(site.code, f"{said(site.name)} · {site.code}") for site in sites]
        everything = [SelectChoice("", _("All %(number)d sites, one of each", number=len(sites)))]
        self.site.choices = [*(everything if may_all else []), *each]
