"""Products as spreadsheet rows, both ways."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget, IntegerWidget

from catalog.models import Brand, Category, Product
from catalog.services import products
from fantasize.core import money
from fantasize.core.admin.spreadsheets import SafeResource

MOST_PIECES = 1_000_000
_OWN_FIELDS = ("name", "slug", "description", "list_price", "category", "brand", "is_active")


def require_whole_minor_units(price: Decimal) -> None:
    """Raise ValidationError for a price with fractions of the shop currency's smallest coin."""
    if money.quantize(price, settings.SHOP_CURRENCY) != price:
        raise ValidationError(f"{settings.SHOP_CURRENCY} has {money.exponent(settings.SHOP_CURRENCY)} decimals.")


class ProductResource(SafeResource):
    """One row per product, known by its SKU; categories and brands by their slugs.

    ``on_hand`` is the opening stock of products that are new. For those that exist it is only exported: stock changes
    by corrections with a reason, and a file that is an hour old knows nothing of what was sold since.
    """

    category = Field(attribute="category", column_name="category", widget=ForeignKeyWidget(Category, "slug"))
    brand = Field(attribute="brand", column_name="brand", widget=ForeignKeyWidget(Brand, "slug"))
    on_hand = Field(attribute="stock__on_hand", column_name="on_hand", widget=IntegerWidget(), readonly=True)

    class Meta:
        model = Product
        import_id_fields: ClassVar = ("sku",)
        fields: ClassVar = ("sku", *_OWN_FIELDS, "on_hand")
        export_order = fields
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def import_instance(self, instance: Product, row: dict[str, Any], **kwargs: Any) -> None:
        """Read one row; a new product without a slug gets one made from its name."""
        super().import_instance(instance, row, **kwargs)
        if instance.name and not instance.slug:
            instance.slug = products.free_slug(instance.name)

    def validate_instance(
        self,
        instance: Product,
        import_validation_errors: dict[str, Any] | None = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002 - the library's signature
    ) -> None:
        """Check everything but the stock and the price of today, which come about when it is saved.

        Raises:
            ValidationError: with every fault of the row.
        """
        errors = dict(import_validation_errors or {})
        try:
            instance.full_clean(exclude={*errors, "stock", "price"}, validate_unique=validate_unique)
            require_whole_minor_units(instance.list_price)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def save_instance(self, instance: Product, is_create: bool, row: dict[str, Any], **kwargs: Any) -> None:  # noqa: FBT001 - as above
        """Store one row through the service, so that stock opens with a movement and the search knows the product."""
        values = {name: getattr(instance, name) for name in _OWN_FIELDS}
        if is_create:
            new = products.NewProduct(sku=instance.sku, **values)
            created = products.create_product(new=new, on_hand=_opening_stock(row), actor=kwargs["user"].actor)
            instance.pk, instance.stock = created.pk, created.stock
        else:
            products.update_product(product=instance, changes=values)


def _opening_stock(row: dict[str, Any]) -> int:
    pieces = IntegerWidget().clean(row.get("on_hand")) or 0
    if not 0 <= pieces <= MOST_PIECES:
        raise ValidationError({"on_hand": f"A product opens with 0 to {MOST_PIECES:,} pieces."})
    return int(pieces)
