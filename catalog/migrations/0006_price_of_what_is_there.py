"""What was sold before there were offers costs its list price."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_catalogue_in_full")]

    operations = [
        migrations.RunSQL("UPDATE catalog_product SET price = list_price", migrations.RunSQL.noop),
    ]
