"""Why mails wait, as officers read it."""

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
