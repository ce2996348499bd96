"""The table of numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Made by ``manage.py makemigrations``."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Number",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.PositiveBigIntegerField()),
                ("factors", models.CharField(blank=True, max_length=400)),
                ("worker", models.CharField(blank=True, max_length=253)),
                ("entered", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    )
