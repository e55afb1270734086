"""Who signs in, in which organisation, and who may act for whom."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class OfficeRole(models.TextChoices):
    """What somebody does for the installation itself; most people have none."""

    NONE = "", "none"
    CASEWORKER = "caseworker", "caseworker"
    SUPERVISOR = "supervisor", "supervisor"
    AUDITOR = "auditor", "auditor"
    ADMINISTRATOR = "administrator", "administrator"


class UserManager(BaseUserManager["User"]):
    """Make accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make an account; without a password it can be entered by passkey or link only."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find an account however its address was typed."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    office_role = models.CharField(
        max_length=20, choices=OfficeRole.choices, blank=True, default=OfficeRole.NONE
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)
    sessions_from = models.DateTimeField(
        null=True, blank=True, help_text="Sessions that began earlier have ended."
    )

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def is_staff(self) -> bool:
        """Nobody uses Django's own administration pages here."""
        return False


class OpenSession(models.Model):
    """A place where somebody is signed in, for them to see and to end.

    Kept is what they need to recognise it, and no address of the network: it would tell where they
    were.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=100)
    began_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.browser


class OrganisationKind(models.TextChoices):
    """What an organisation is here for."""

    EMPLOYER = "employer", "employer"
    ADVISER = "adviser", "adviser"


class Organisation(models.Model):
    """An employer, or an adviser who acts for employers and workers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="US")
    address = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class MemberRole(models.TextChoices):
    """What a member may do in an organisation: each role may do what the ones after it may."""

    OWNER = "owner", "owner"
    MANAGER = "manager", "manager"
    VIEWER = "viewer", "viewer"


class Membership(models.Model):
    """Somebody's place in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=MemberRole.choices, default=MemberRole.MANAGER)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One place each."""

        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_each")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.organisation}"


class Mandate(models.Model):
    """A recorded permission: an adviser acts for a worker or for an employer.

    Exactly one of `worker` and `employer` gives it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    adviser = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="mandates_held"
    )
    worker = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="mandates_given"
    )
    employer = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="mandates_given",
    )
    words = models.TextField(help_text="What the giver agreed to, word for word.")
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    ends_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One giver."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(worker__isnull=False) ^ models.Q(employer__isnull=False),
                name="mandate_has_one_giver",
            )
        ]

    def __str__(self) -> str:
        return f"{self.adviser} for {self.worker or self.employer}"

    @classmethod
    def in_force(cls) -> models.QuerySet[Mandate]:
        """Return the mandates that hold today."""
        return cls.objects.filter(ended_at=None).exclude(ends_on__lt=timezone.localdate())


class Invitation(models.Model):
    """A place in an organisation, offered by a link that ends. Only the token's digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=MemberRole.choices)
    token_digest = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    ends_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.role} of {self.organisation}"


class SingleSignOn(models.Model):
    """An organisation's own identity provider (OpenID Connect).

    It is asked only once an administrator has seen proof that the e-mail domains are the
    organisation's: until then nobody comes in through it, and nothing is fetched from it.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, related_name="single_sign_on"
    )
    issuer = models.URLField(max_length=300)
    client_id = models.CharField(max_length=191)
    secret = models.TextField(help_text="Sealed.")
    domains = models.JSONField(default=list)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    proved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proved_at = models.DateTimeField(null=True, blank=True)
    proof = models.TextField(blank=True, help_text="How the domains were seen to be theirs.")

    def __str__(self) -> str:
        return f"provider of {self.organisation}"
