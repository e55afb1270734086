import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("certificates", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dossier",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=80)),
                ("case", models.JSONField(default=dict)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "yearly_pay",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("decided_on", models.DateField(blank=True, null=True)),
                ("law", models.CharField(blank=True, max_length=80)),
                ("problem", models.JSONField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dossiers",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="owned_dossiers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dossiers",
                        to="people.person",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dossiers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("proof", models.UUIDField(help_text="The certificate, issued here or kept.")),
                ("ends_on", models.DateField()),
                (
                    "stage",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (12, "a year before the end"),
                            (6, "six months before the end"),
                            (3, "three months before the end"),
                            (1, "a month before the end"),
                            (0, "it has ended"),
                        ]
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="follow.dossier",
                    ),
                ),
            ],
            options={
                "ordering": ["-said_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("for_whom", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=40)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="follow.dossier",
                    ),
                ),
                (
                    "foreign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="certificates.foreign",
                    ),
                ),
                (
                    "issued",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="certificates.issued",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="Spell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("work", models.CharField(max_length=80)),
                ("activity", models.CharField(max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField(blank=True, null=True)),
                ("outcome", models.CharField(max_length=20)),
                ("covered_by", models.CharField(blank=True, max_length=40)),
                ("otherwise", models.CharField(blank=True, max_length=40)),
                ("agreement", models.CharField(blank=True, max_length=2)),
                ("rule", models.CharField(blank=True, max_length=40)),
                ("proof", models.CharField(blank=True, max_length=20)),
                ("issued_by", models.CharField(blank=True, max_length=2)),
                ("missing", models.JSONField(default=list)),
                ("warnings", models.JSONField(default=list)),
                ("proven_until", models.DateField(blank=True, null=True)),
                ("endless_proof", models.BooleanField(default=False)),
                (
                    "yearly_saving",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="What a certificate lifts in a year, in the dossier's currency, if known.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spells",
                        to="follow.dossier",
                    ),
                ),
            ],
            options={
                "ordering": ["first_day", "id"],
            },
        ),
        migrations.CreateModel(
            name="Use",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("what", models.CharField(help_text="page or document", max_length=20)),
                (
                    "share",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="follow.share",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("organisation__isnull", False), ("worker__isnull", False), _connector="XOR"
                ),
                name="dossier_has_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="dossier",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("organisation", "key"),
                name="one_dossier_a_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("dossier", "proof", "ends_on", "stage"), name="one_reminder_a_stage"
            ),
        ),
        migrations.AddConstraint(
            model_name="share",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("issued__isnull", False), ("foreign__isnull", False), _connector="XOR"
                ),
                name="share_is_of_one_certificate",
            ),
        ),
        migrations.AddIndex(
            model_name="spell",
            index=models.Index(fields=["dossier", "first_day"], name="spell_in_order"),
        ),
        migrations.AddIndex(
            model_name="spell",
            index=models.Index(fields=["last_day"], name="spell_ends"),
        ),
        migrations.AddIndex(
            model_name="use",
            index=models.Index(fields=["share", "at"], name="use_by_time"),
        ),
    ]
