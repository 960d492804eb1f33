"""Carts: what people mean to order, to look at when they ask for help."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import User
from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import amount, moment
from fantasize.core.admin.filters import DaysFilter
from orders.models import Cart, CartLine


class CartLineInline(TabularInline):
    """What is in a cart; prices are those that its owner agreed to last."""

    model = CartLine
    fields = ("name", "quantity", "listed", "answers", "parts")
    readonly_fields = fields
    can_delete = False
    max_num = 0
    ordering = ("pk",)

    @admin.display(description="Price")
    def listed(self, line: CartLine) -> str:
        """What one cost when it was put there."""
        return amount(line.unit_price, line.currency)


@admin.register(Cart)
class CartAdmin(ReadOnlyModelAdmin):
    """Nobody changes what is somebody else's to choose."""

    list_display = ("who", "line_count", "changed")
    list_display_links = ("who",)
    list_filter: ClassVar = [("changed_at", DaysFilter)]
    ordering = ("-changed_at", "-pk")
    sortable_by = ()
    search_fields = ("user__email",)  # shows the box; what it finds says User.found_by
    search_help_text = "Beginning of the e-mail address, or the username"
    fields = ("who", "changed", "version")
    readonly_fields = fields
    inlines = (CartLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        """Open carts with their owners, and how many lines each has."""
        lines = CartLine.objects.filter(cart=OuterRef("pk")).order_by().values("cart").annotate(lines=Count("pk"))
        count = Subquery(lines.values("lines"), output_field=IntegerField())
        return super().get_queryset(request).filter(ordered_at=None).select_related("user").annotate(line_count=count)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Cart],
        search_term: str,
    ) -> tuple[QuerySet[Cart], bool]:
        """Carts of people, by beginning of the e-mail address or by username; both are indexed."""
        term = search_term.strip()
        return (queryset.filter(user__in=User.objects.found_by(term)) if term else queryset), False

    @admin.display(description="Of")
    def who(self, cart: Cart) -> str:
        """Whose it is; of guests no more is known than that they are."""
        return cart.user.email if cart.user else "A guest"

    @admin.display(description="Lines")
    def line_count(self, cart: Cart) -> int:
        """How many lines there are."""
        return int(getattr(cart, "line_count", 0) or 0)

    @admin.display(description="Changed")
    def changed(self, cart: Cart) -> str:
        """When its owner changed something last."""
        return moment(cart.changed_at)
