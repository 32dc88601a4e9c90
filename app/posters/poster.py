"""What a poster says, in each language of its agency, and its PDF."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import qrcode
from flask_babel import force_locale
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage

from app.directory.models import Agency, Site
from app.kernel.words import in_language
from app.posters.rules import STICKERS_PER_SHEET, Paper
from app.reports.as_pdf import typeset
from app.web.languages import OF_RESIDENTS, language, locale_of
from app.web.links import absolute, short_link
from app.web.texts import gettext as _

MIMETYPE = "application/pdf"
REGIONS = {"en": "gb", "zh": "cn", "es": "es"}


def render(agency: Agency, sites: Sequence[Site], paper: Paper, at: datetime) -> bytes:
    """A poster for each of ``sites``, or a sticker; of one site alone a sheet full of stickers. ``CannotBeSet`` if not.

    It names the agency and no provider: what is put up outlives contracts.
    """
    copies = STICKERS_PER_SHEET if paper == Paper.STICKERS and len(sites) == 1 else 1
    posters = [_poster(agency, site) for site in sites]
    names = ", ".join(site.code for site in sites[:10])
    document = {
        "lang": language(),
        "region": REGIONS.get(language()),
        "title": _("Posters with the code: %(codes)s", codes=names),
        "author": in_language(agency.name, language()),
        "paper": str(paper),
        "posters": [each for each in posters for _copy in range(copies)],
    }
    return typeset("posters/typst/poster.typ", document, at)


def spoken(agency: Agency) -> list[str]:
    """The agency's languages, in its order, as far as our own pages speak them; else English."""
    return [code for code in agency.languages if code in OF_RESIDENTS] or ["en"]


def _poster(agency: Agency, site: Site) -> dict[str, Any]:
    link = short_link(absolute("resident.give", code=site.code))
    said = [_said(agency, site, code) for code in spoken(agency)]
    with force_locale(locale_of(spoken(agency)[0])):
        alt = _("Code that leads to %(link)s", link=link)
    # By this the form knows that somebody stood before the poster.
    scanned = absolute("resident.give", code=site.code) + "?from=qr"
    return {"code": site.code, "link": link, "svg": code_as_svg(scanned), "alt": alt, "said": said}


def _said(agency: Agency, site: Site, code: str) -> dict[str, str | None]:
    with force_locale(locale_of(code)):
        return {
            "lang": code,
            "region": REGIONS.get(code),
            "ask": _("How was it?"),
            "minute": _("One minute, no account."),
            "how": _("Scan the code, or open the address below it."),
            "site": in_language(site.name, code),
            "behind": _("Answerable for it: %(agency)s.", agency=in_language(agency.name, code)),
        }


def code_as_svg(address: str) -> str:
    """The QR code of an address with its quiet zone; a quarter of it may be scratched or dirty."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4, image_factory=SvgPathImage)
    code.add_data(address)
    return str(code.make_image().to_string(encoding="unicode"))
