"""What is to be known of a row and stops nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column, empty."""

    dependencies = [("employers", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="notes",
            field=models.JSONField(default=list),
        ),
    ]
