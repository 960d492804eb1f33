from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_review_edited_at")]

    operations = [
        migrations.AddIndex(
            "product",
            models.Index(
                fields=["category", "-created_at", "-id"],
                name="product_in_category",
                condition=models.Q(("is_active", True)),
            ),
        ),
        migrations.AddIndex(
            "product",
            models.Index(
                fields=["brand", "-created_at", "-id"], name="product_of_brand", condition=models.Q(("is_active", True))
            ),
        ),
        migrations.AddIndex(
            "product",
            models.Index(fields=["stock", "id"], name="product_by_stock", condition=models.Q(("is_active", True))),
        ),
    ]
