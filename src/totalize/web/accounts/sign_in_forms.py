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


def _worded(library: type[forms.Form]) -> type[forms.Form]:
    class Worded(library):
        """The form, called and explained as everywhere here."""

        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            for name, field in self.fields.items():
                field.widget.attrs.pop("placeholder", None)
                if name in WORDS:
                    words, help_text = WORDS[name]
                    field.label = words
                    if help_text is not None:
                        field.help_text = help_text

    return Worded


LoginForm = _worded(account.LoginForm)
SignupForm = _worded(account.SignupForm)
AddEmailForm = _worded(account.AddEmailForm)
ChangePasswordForm = _worded(account.ChangePasswordForm)
SetPasswordForm = _worded(account.SetPasswordForm)
ResetPasswordForm = _worded(account.ResetPasswordForm)
ResetPasswordKeyForm = _worded(account.ResetPasswordKeyForm)
ReauthenticateForm = _worded(account.ReauthenticateForm)
ConfirmEmailForm = _worded(account.ConfirmEmailVerificationCodeForm)
FactorForm = _worded(factor.AuthenticateForm)
FactorAgainForm = _worded(factor.ReauthenticateForm)
ActivateAppForm = _worded(app.ActivateTOTPForm)
AddKeyForm = _worded(key.AddWebAuthnForm)
RenameKeyForm = _worded(key.EditWebAuthnForm)
FirstKeyForm = _worded(key.SignupWebAuthnForm)
