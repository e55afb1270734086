"""Django's settings, made from the installation. Secure unless the address is plain http."""

from __future__ import annotations

from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels

from totalize.web.config.installation import read_installation

# Forms and model fields name what they are of, like `ModelForm[Affiliate]`, as querysets do.
django_stubs_ext.monkeypatch()

INSTALLATION = read_installation()
SECRET_KEY = INSTALLATION.key("sessions").hex()
DEBUG = False
ALLOWED_HOSTS = list(INSTALLATION.hosts)
ROOT_URLCONF = "totalize.web.config.urls"
WSGI_APPLICATION = "totalize.web.config.wsgi.application"
SITE_NAME = "totalize"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    # Before the sign-in library, whose pages these two draw in their own way.
    "totalize.web.pages",
    "totalize.web.accounts",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "totalize.web.audit",
    "totalize.web.log",
    "totalize.web.people",
    "totalize.web.applications",
    "totalize.web.certificates",
    "totalize.web.jobs",
    "totalize.web.check",
    "totalize.web.desk",
    "totalize.web.verify",
    "totalize.web.api",
    "totalize.web.follow",
    "totalize.web.employers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "totalize.web.pages.middleware.headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "totalize.web.api.middleware.documents",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "totalize.web.accounts.middleware.sessions",
    "totalize.web.accounts.places.places",
    "totalize.web.accounts.middleware.second_factor",
    "django_htmx.middleware.HtmxMiddleware",
    "totalize.web.pages.middleware.refusals",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "totalize.web.pages.context.everywhere",
            ],
        },
    },
]
FORM_RENDERER = "totalize.web.pages.forms.Renderer"

# One writer at a time waits its turn instead of failing, and readers never wait (WAL). FULL: what
# was answered as saved is on the disk even when the power goes.
EMBEDDED = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": INSTALLATION.data_dir / "totalize.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}
DATABASES: dict[str, Any] = {
    "default": EMBEDDED
    if INSTALLATION.database_url is None
    else dj_database_url.parse(INSTALLATION.database_url, conn_max_age=60, conn_health_checks=True)
}
if INSTALLATION.database_url is not None:
    # What is asked a second time over a connection is prepared: PostgreSQL reads and plans it no
    # more. What the address says goes first, for a pool in between that can't keep statements.
    DATABASES["default"]["OPTIONS"] = {
        "server_side_binding": True,
        "prepare_threshold": 1,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# Accounts: e-mail and password with a second factor, or a passkey.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "totalize.web.accounts.passwords.WordsOfThePlace"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "totalize.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
_FORMS = "totalize.web.accounts.sign_in_forms"
ACCOUNT_FORMS = {
    "login": f"{_FORMS}.LoginForm",
    "signup": f"{_FORMS}.SignupForm",
    "add_email": f"{_FORMS}.AddEmailForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
    "set_password": f"{_FORMS}.SetPasswordForm",
    "reset_password": f"{_FORMS}.ResetPasswordForm",
    "reset_password_from_key": f"{_FORMS}.ResetPasswordKeyForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateForm",
    "confirm_email_verification_code": f"{_FORMS}.ConfirmEmailForm",
}
MFA_FORMS = {
    "authenticate": f"{_FORMS}.FactorForm",
    "reauthenticate": f"{_FORMS}.FactorAgainForm",
    "activate_totp": f"{_FORMS}.ActivateAppForm",
    "add_webauthn": f"{_FORMS}.AddKeyForm",
    "edit_webauthn": f"{_FORMS}.RenameKeyForm",
    "signup_webauthn": f"{_FORMS}.FirstKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not INSTALLATION.secure
MFA_TOTP_ISSUER = SITE_NAME
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ADAPTER = "totalize.web.accounts.adapter.SecondFactorAdapter"
SOCIALACCOUNT_ADAPTER = "totalize.web.accounts.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

# Eight wrong passwords lock an account from that address for a quarter of an hour.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "pages/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS: list[str] = []

SESSION_ENGINE = "totalize.web.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = INSTALLATION.secure
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = 60 * 60
SESSION_COOKIE_NAME = "__Host-session" if INSTALLATION.secure else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if INSTALLATION.secure else "csrf"
CSRF_COOKIE_SECURE = INSTALLATION.secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [INSTALLATION.address]
CSRF_FAILURE_VIEW = "totalize.web.pages.views.csrf_failure"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if INSTALLATION.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = INSTALLATION.secure
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if INSTALLATION.proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_PERMISSIONS = 0o600
# Only tests call receivers on this machine.
WEBHOOKS_MAY_BE_PRIVATE = False
UPLOAD_LARGEST = 10_000_000
UPLOAD_MOST_PAGES = 200
# Functions by dotted name, called with content and media type; they refuse with an InputError.
UPLOAD_SCANNERS: list[str] = []

DEFAULT_FROM_EMAIL = "totalize <no-reply@localhost>"
if INSTALLATION.mail_url is None:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = INSTALLATION.data_dir / "mail"
else:
    EMAIL_BACKEND = "totalize.web.jobs.mail.Backend"

LANGUAGE_CODE = "en-us"
# The program has words of its own in every language that it speaks, and needs none of Django's,
# which would ask at each address, day and number which one is spoken.
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = INSTALLATION.data_dir / "static"
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_LEVEL = message_levels.INFO

# A log line tells what happened where, never with which data.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_numbers": {"()": "totalize.web.pages.logs.WithoutNumbers"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["no_numbers"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"totalize": {"level": "INFO"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
