"""Coupons, and which orders use them."""

from dataclasses import astuple
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.discount import TERMS, DiscountAdmin, DiscountForm
from catalog.models import Coupon, CouponRedemption
from catalog.pricing import coupon_cliff
from catalog.selectors.coupons import list_coupons
from catalog.services import coupons
from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import amount, badge, moment
from fantasize.core.admin.filters import DaysFilter


class CouponForm(DiscountForm):
    """A coupon's own fields."""

    class Meta:
        model = Coupon
        fields = ("code", *TERMS, "min_total", "max_uses", "max_uses_per_customer")
        labels = {
            "is_active": "Switched on",
            "max_uses": "Uses in all",
            "max_uses_per_customer": "Uses by one customer",
        }
        help_texts = {
            "code": "3 to 40 letters, digits, hyphens and underscores; case does not count.",
            "percent": "Or an amount, not both.",
            "ends_at": "Empty: until somebody ends it.",
            "max_uses": "Empty: as many as they like.",
            "max_uses_per_customer": "Empty: as many as they like.",
        }

    def clean(self) -> dict[str, Any]:
        """Tell what is wrong with the code and the limits where it is, too."""
        said = super().clean()
        limits = ("code", "min_total", "max_uses", "max_uses_per_customer")
        for fault in list(coupons.own_faults(said, but=self.instance.pk)) if said.keys() >= {*limits} else ():
            self.add_error(fault.location.removeprefix("/"), fault.detail)
        return said


@admin.register(Coupon)
class CouponAdmin(DiscountAdmin):
    """Codes that make an order cheaper. One that an order ever used is switched off, not deleted."""

    form = CouponForm
    fields = (
        ("code", "is_active"),
        ("percent", "amount"),
        ("starts_at", "ends_at"),
        "min_total",
        ("max_uses", "max_uses_per_customer"),
        "used",
        "expected_version",
    )
    readonly_fields = ("used",)
    list_display = ("code", "terms", "used", "window", "state")
    search_fields = ("code__istartswith",)
    search_help_text = "Beginning of the code"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        """Coupons with the number of their uses."""
        return list_coupons().order_by(*self.get_ordering(request))

    def has_delete_permission(self, request: HttpRequest, obj: Coupon | None = None) -> bool:
        """Whoever may, while no order has used it."""
        is_used = obj is not None and obj.redemptions.exists()
        return not is_used and bool(super().has_delete_permission(request, obj))

    def store(self, values: dict[str, Any], obj: Any, expected_version: int | None) -> Coupon:
        """Make a coupon, or change it."""
        if obj.pk is None:
            return coupons.create_coupon(new=coupons.NewCoupon(**values))
        return coupons.update_coupon(coupon=obj, changes=values, expected_version=expected_version)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Store it, and tell where it rewards who orders more than they need."""
        super().save_model(request, obj, form, change)
        said = {name: form.cleaned_data[name] for name in ("min_total", "percent", "amount")}
        if cliff := coupon_cliff(**said, currency=settings.SHOP_CURRENCY):
            least, before, now = (amount(each, settings.SHOP_CURRENCY) for each in astuple(cliff))
            messages.warning(request, f"Goods for {least} cost {now} with it, less than those for {before} without.")

    def remove(self, obj: Coupon) -> None:
        """Delete it, or switch it off if an order has used it."""
        coupons.remove_coupon(coupon=obj)

    @admin.display(description="Used")
    def used(self, coupon: Coupon) -> SafeString:
        """By how many orders, of how many, leading to them."""
        uses = getattr(coupon, "uses", 0)
        text = f"{uses} of {coupon.max_uses}" if coupon.max_uses else f"{uses}"
        address = reverse("admin:catalog_couponredemption_changelist")
        return format_html('<a class="fz-link" href="{}?coupon__id__exact={}">{}</a>', address, coupon.pk, text)


@admin.register(CouponRedemption)
class CouponRedemptionAdmin(ReadOnlyModelAdmin):
    """Every use of every coupon, to look at."""

    list_display = ("coupon", "customer", "reference", "off", "when", "standing")
    list_display_links = None
    list_filter: ClassVar = [("created_at", DaysFilter)]
    list_select_related = ("coupon",)
    search_fields = ("coupon__code__iexact", "reference__exact", "customer__exact")
    search_help_text = "Code, order or customer"
    ordering = ("-pk",)
    sortable_by = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Whether the list may be narrowed by ``lookup``: to one coupon, as its page does."""
        return lookup == "coupon__id__exact" or bool(super().lookup_allowed(lookup, value, request))

    @admin.display(description="Less")
    def off(self, redemption: CouponRedemption) -> str:
        """How much it took off."""
        return amount(redemption.amount, settings.SHOP_CURRENCY)

    @admin.display(description="When")
    def when(self, redemption: CouponRedemption) -> str:
        """When it was used."""
        return moment(redemption.created_at)

    @admin.display(description="State")
    def standing(self, redemption: CouponRedemption) -> SafeString:
        """Whether it still counts."""
        is_live = redemption.released_at is None
        return badge("discount", "running" if is_live else "off", "Used" if is_live else "Given back")
