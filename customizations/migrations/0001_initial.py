import uuid

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import fantasize.core.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [("catalog", "0002_rules")]

    operations = [
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("width", models.PositiveIntegerField(help_text="Pixels.")),
                ("height", models.PositiveIntegerField(help_text="Pixels.")),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
            ],
            options={
                "verbose_name": "background",
            },
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("renderer_version", models.CharField(max_length=40)),
                ("width", models.PositiveIntegerField(help_text="Pixels.")),
                ("height", models.PositiveIntegerField(help_text="Pixels.")),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="CustomizationTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                        default="draft",
                        editable=False,
                        max_length=9,
                    ),
                ),
                ("schema", models.JSONField()),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
            ],
            options={
                "verbose_name": "template",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["schema"], name="template_schema", opclasses=["jsonb_path_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.search.SearchVector("name", config="simple"), name="template_words"
                    ),
                    models.Index(fields=["state", "name", "id"], name="template_by_name"),
                    models.Index(fields=["-updated_at", "-id"], name="template_by_change"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "published", "retired"])),
                        name="template_state_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="template_version_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("owner", models.CharField(db_index=True, max_length=100)),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("sha256", models.CharField(max_length=64)),
                ("width", models.PositiveIntegerField(help_text="Pixels.")),
                ("height", models.PositiveIntegerField(help_text="Pixels.")),
                ("bytes", models.PositiveBigIntegerField()),
                ("format", models.CharField(max_length=4)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("kept_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("kept_at", None)), fields=["created_at"], name="upload_unused")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ("jpeg", "png", "webp"))), name="upload_format_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChoiceStock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("option", models.CharField(max_length=100)),
                ("value", models.CharField(max_length=100)),
                (
                    "stock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="choice", to="catalog.stockitem"
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="choice_stocks",
                        to="customizations.customizationtemplate",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock of a choice",
                "verbose_name_plural": "stock of choices",
                "constraints": [
                    models.UniqueConstraint(fields=("template", "option", "value"), name="choice_stock_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Preset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("answers", models.JSONField(default=dict)),
                ("position", models.PositiveIntegerField(default=0)),
                ("is_offered", models.BooleanField(default=True, editable=False)),
                ("created_at", models.DateTimeField(default=fantasize.core.clock.now, editable=False)),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presets",
                        to="customizations.customizationtemplate",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("template", "name"), name="preset_name_once")],
            },
        ),
        migrations.CreateModel(
            name="TemplateLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_live", models.BooleanField(default=False)),
                (
                    "package",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="template_links",
                        to="catalog.package",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="template_links",
                        to="catalog.product",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="customizations.customizationtemplate",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("package__isnull", True), ("product__isnull", False)),
                            models.Q(("package__isnull", False), ("product__isnull", True)),
                            _connector="OR",
                        ),
                        name="template_link_one_target",
                    ),
                    models.UniqueConstraint(fields=("template", "product"), name="template_link_once_per_product"),
                    models.UniqueConstraint(fields=("template", "package"), name="template_link_once_per_package"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_live", True)), fields=("product",), name="product_one_live_template"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_live", True)), fields=("package",), name="package_one_live_template"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("schema", models.JSONField()),
                ("schema_sha256", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField(default=fantasize.core.clock.now)),
                ("actor", models.CharField(max_length=120)),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="customizations.customizationtemplate",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["schema"], name="template_version_schema", opclasses=["jsonb_path_ops"]
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("template", "number"), name="template_version_once")],
            },
        ),
    ]
