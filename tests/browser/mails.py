"""Mails as residents write them."""

from email.message import EmailMessage
from email.utils import make_msgid
from io import BytesIO

from PIL import Image


def letter(text: str, *photos: bytes, answers: EmailMessage | None = None, sender: str = "ann@example.org") -> bytes:
    """A mail, or the reply to a letter of ours, which mail programs quote below."""
    mail = EmailMessage()
    mail["From"] = f"Ann <{sender}>"
    mail["Date"] = "Mon, 02 Nov 2026 09:00:00 +0800"
    mail["Message-ID"] = make_msgid(domain="example.org")
    if answers is None:
        mail["Subject"] = "The square"
        mail.set_content(text)
    else:
        mail["Subject"] = f"Re: {answers['Subject']}"
        mail["To"] = answers["Reply-To"]
        mail["In-Reply-To"] = answers["Message-ID"]
        body = answers.get_body(("plain",))
        quoted = "".join(f"> {line}\n" for line in (body.get_content() if body else "").splitlines())
        mail.set_content(f"{text}\n\nOn Mon, 2 Nov 2026, {answers['From']} wrote:\n{quoted}")
    for photo in photos:
        mail.add_attachment(photo, "image", "jpeg", filename="IMG_0001.jpg")
    return mail.as_bytes()


def photo() -> bytes:
    body = BytesIO()
    Image.new("RGB", (800, 600), "teal").save(body, "JPEG")
    return body.getvalue()
