"""A stretch of work knows whose board it stands on."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def repeat(apps: Any, _schema: Any) -> None:
    """Copy the organisation of each dossier to its stretches."""
    spells = apps.get_model("follow", "Spell").objects
    dossiers = apps.get_model("follow", "Dossier").objects.filter(id=OuterRef("dossier_id"))
    spells.update(organisation_id=Subquery(dossiers.values("organisation_id")))


class Migration(migrations.Migration):
    """Adds the column, fills it, and finds by it."""

    dependencies = [
        ("accounts", "0001_initial"),
        ("follow", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="spell",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.RunPython(repeat, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="spell",
            index=models.Index(fields=["organisation", "dossier"], name="spell_on_a_board"),
        ),
    ]
