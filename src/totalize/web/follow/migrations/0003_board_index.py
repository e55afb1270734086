"""A board counts in its index, without a look at the stretches themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Puts an index with all that is counted in place of the one that only found them."""

    dependencies = [
        ("accounts", "0002_open_sessions"),
        ("follow", "0002_spell_organisation"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="spell", name="spell_on_a_board"),
        migrations.AddIndex(
            model_name="spell",
            index=models.Index(
                fields=[
                    "organisation",
                    "dossier",
                    "first_day",
                    "last_day",
                    "country",
                    "outcome",
                    "proof",
                    "endless_proof",
                    "proven_until",
                    "yearly_saving",
                    "id",
                ],
                name="spell_as_a_board_counts",
            ),
        ),
    ]
