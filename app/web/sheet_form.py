"""A table that somebody sends: chosen as a file, looked at, and sent again with what was seen."""

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, HiddenField, ValidationError

from app.web.sheets import MOST_BYTES, MOST_ROWS, Line, SheetRefused, packed, read_table, unpacked
from app.web.texts import gettext as _


class SheetForm(FlaskForm):
    """Either ``file`` just chosen, or ``content`` sent again with ``seen``, the mark of what was shown of it."""

    file = FileField(_l("Sheet"))
    content = HiddenField()
    seen = HiddenField()

    def __init__(self, known: Collection[str], needed: Collection[str], most: int = MOST_ROWS, **more: Any):
        super().__init__(**more)
        self.known, self.needs, self.most = known, needed, most
        self.lines: Sequence[Line] = ()

    def validate_file(self, bound: Field) -> None:
        """Reads what was sent; afterwards ``lines`` are its rows."""
        try:
            if bound.data:
                raw = bound.data.read(MOST_BYTES + 1)
                bound.data.close()
                if not raw:
                    raise SheetRefused(_("The file is empty."))
                self.lines = read_table(raw, self.known, self.needs, self.most)
            else:
                self.lines = unpacked(self.content.data or "", self.known)
        except SheetRefused as error:
            raise ValidationError(str(error)) from None

    @property
    def is_confirmed(self) -> bool:
        return bool(self.seen.data) and not self.file.data

    def content_again(self) -> str:
        """The rows in one text, for the hidden field."""
        return packed(self.lines)
