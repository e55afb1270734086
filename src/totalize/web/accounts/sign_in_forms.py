"""The sign-in library's forms with our words: a field is called the same wherever it is asked."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factor
from allauth.mfa.totp import forms as app
from allauth.mfa.webauthn import forms as key
from django import forms

ADDRESS = "E-mail address"
CHOOSING = (
    "12 characters or more. A few words in a row are easy to remember. You need no digits or signs."
)
CODE = "Code"
# Field -> what it is called, and what helps to fill it in (None: what the library says).
WORDS: dict[str, tuple[str, str | None]] = {
    "login": (ADDRESS, ""),
    "email": (ADDRESS, ""),
    "password": ("Password", None),
    "password1": ("A new password", CHOOSING),
    "password2": ("The same password once more", ""),
    "oldpassword": ("Your password until now", None),
    "code": (CODE, ""),
    "name": ("A name for it", "So that you can tell your keys apart."),
    "passwordless": (
        "Let me in with it alone, without a password",
        "The device then looks at its owner: a finger, a face or a PIN.",
    ),
}


def word(form: forms.BaseForm) -> None:
    """Call and explain the fields of a form as everywhere here."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name in WORDS:
            words, help_text = WORDS[name]
            field.label = words
            if help_text is not None:
                field.help_text = help_text


class Worded(forms.Form):
    """A form called and explained as everywhere here."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        word(self)


class LoginForm(Worded, account.LoginForm):
    """Signing in."""


class SignupForm(account.SignupForm):
    """Making an account."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        word(self)


class AddEmailForm(Worded, account.AddEmailForm):
    """Another address."""


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    """Another password."""


class SetPasswordForm(Worded, account.SetPasswordForm):
    """A first password, for who came in without one."""


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    """A password was forgotten."""


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):
    """A new password in the place of a forgotten one."""


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    """The password once more."""


class ConfirmEmailForm(Worded, account.ConfirmEmailVerificationCodeForm):
    """The code that came by mail."""


class FactorForm(Worded, factor.AuthenticateForm):
    """The second factor."""


class FactorAgainForm(Worded, factor.ReauthenticateForm):
    """The second factor once more."""


class ActivateAppForm(Worded, app.ActivateTOTPForm):
    """An app for codes to set up."""


class AddKeyForm(Worded, key.AddWebAuthnForm):
    """A key to add."""


class RenameKeyForm(Worded, key.EditWebAuthnForm):
    """Another name for a key."""


class FirstKeyForm(Worded, key.SignupWebAuthnForm):
    """A key instead of a password."""
