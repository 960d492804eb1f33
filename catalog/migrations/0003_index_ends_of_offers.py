from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_rules")]

    operations = [
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["ends_at"], name="offer_end", condition=models.Q(is_active=True)),
        ),
    ]
