"""What people are told when they sign in or choose a password, in the place of flask-security's own words."""


def N_(text: str) -> str:
    """The text itself: flask-security translates it, and translators find it by this name."""
    return text


MESSAGES = {
    "GENERIC_AUTHN_FAILED": (N_("No member has this address and this password."), "error"),
    "UNAUTHENTICATED": (N_("Sign in to see this page."), "info"),
    "LOGIN": (N_("Sign in to see this page."), "info"),
    "REFRESH": (N_("Sign in to see this page."), "info"),
    "EMAIL_NOT_PROVIDED": (N_("Enter an e-mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("Enter an e-mail address, like name@example.org."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Enter a password."), "error"),
    "INVALID_PASSWORD": (N_("This is not your password."), "error"),
    "PASSWORD_INVALID_LENGTH": (N_("Use at least %(length)s characters."), "error"),
    "PASSWORD_IS_THE_SAME": (N_("Choose another password than before."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords are not the same."), "error"),
    "PASSWORD_CHANGE": (N_("Your password is changed."), "success"),
    "PASSWORD_RESET_REQUEST": (
        N_("If this is a member's address, an e-mail with a link is on its way to it."),
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": (N_("This link was good for %(within)s. Ask for another."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (N_("This link is not valid any more. Ask for another."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your password is changed. Sign in with the new one."), "success"),
    "TWO_FACTOR_INVALID_TOKEN": (
        N_("This code is not right, or was used before. Wait for the next one in your app."),
        "error",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (N_("You are signed in."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (N_("Sign in to see this page."), "info"),
    "INVALID_RECOVERY_CODE": (N_("This recovery code is not right, or was used before."), "error"),
    "DISABLED_ACCOUNT": (N_("This account is closed."), "error"),
}
