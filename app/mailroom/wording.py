"""Why mails wait, and why a mailbox cannot be read, as members read it."""

from flask_babel import lazy_gettext as _l

from app.kernel.words import MailReason

WHY = {
    MailReason.NO_SITE: _l("The mailbox is of the whole agency: say which site it is about."),
    MailReason.SEVERAL_SERVICES: _l("Several contracts serve the site: say which one it is about."),
    MailReason.MARKED_AS_SPAM: _l("The mail server takes it for spam."),
    MailReason.MANY_FROM_ONE: _l("The same sender wrote more than twenty times in a day."),
    MailReason.CASE_IS_OVER: _l("It replies to a letter about a case that has ended."),
    MailReason.UNREADABLE: _l("It could not be read. Look at it in the mailbox itself, or set it aside."),
}

# What the last look ended with → what can be made of it.
TROUBLES = {
    "ConnectionRefusedError": _l("The mail server did not answer."),
    "TimeoutError": _l("The mail server took too long."),
    "gaierror": _l("The mail server's name is not known."),
    "error": _l("The mail server did not accept our user name and password."),
    "SSLError": _l("The mail server does not speak TLS there."),
    "SSLCertVerificationError": _l("The mail server's certificate is not valid."),
    "there is no such folder": _l("There is no such folder."),
    "no key opens its password": _l("Its password can no longer be opened. Set it up again."),
}
