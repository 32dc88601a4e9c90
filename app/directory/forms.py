"""A file with a directory, and the same again when somebody has seen what it will change."""

import json
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, HiddenField, ValidationError

MOST_BYTES = 2_000_000


class DirectoryForm(FlaskForm):
    """Either ``file`` just chosen, or ``content`` sent again with ``seen``, the mark of the preview it was seen in."""

    file = FileField(_l("Directory file"))
    content = HiddenField()
    seen = HiddenField()
    data_read: Any = None

    def validate_file(self, bound: Field) -> None:
        """Reads what was sent; afterwards ``data_read`` is the parsed JSON."""
        if bound.data:
            raw = bound.data.read(MOST_BYTES + 1)
            bound.data.close()
        else:
            raw = (self.content.data or "").encode()
        if not raw:
            raise ValidationError(_("Choose a file."))
        if len(raw) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 2 MB."))
        try:
            self.data_read = json.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("The file is not text in UTF-8.")) from None
        except json.JSONDecodeError as error:
            raise ValidationError(
                _(
                    "The file is not JSON: line %(line)s, column %(column)s is wrong.",
                    line=error.lineno,
                    column=error.colno,
                )
            ) from None
        except (ValueError, RecursionError):
            raise ValidationError(_("The file is not JSON that can be read.")) from None

    @property
    def is_confirmed(self) -> bool:
        return bool(self.seen.data) and not self.file.data

    def content_again(self) -> str:
        """The file in one line, for the hidden field."""
        return json.dumps(self.data_read, ensure_ascii=False, separators=(",", ":"))


class SettingsForm(FlaskForm):
    """What an agency decides once for all its services."""

    photos_at_once = BooleanField(_l("Residents' photos go to the provider at once"))
