"""Orders: a list, a page, and buttons for the legal next states."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ExportOnlyModelAdmin
from fantasize.core.admin.display import amount, badge, moment
from fantasize.core.admin.filters import DaysFilter
from orders import policies
from orders.admin import moves
from orders.admin.documents import document_view
from orders.admin.drafts import link_view
from orders.admin.edits import edit_view
from orders.admin.filters import AnswerFilter, FontFilter
from orders.admin.links import links_view
from orders.admin.page import customer_name, order_page
from orders.admin.proofs import proof_view
from orders.admin.refunds import again_view, refund_view
from orders.admin.reviews import review_view
from orders.enums import OrderStatus, Role
from orders.models import Order, OrderLine
from orders.selectors import matching
from orders.services.transitions import Move

_MAX_REFUSALS_SHOWN = 10


@admin.register(Order)
class OrderAdmin(ExportOnlyModelAdmin):
    """Orders are never added, edited or deleted here; the order page offers what ``orders.states`` allows."""

    list_display = ("number", "placed", "customer", "items", "total_amount", "status_badge", "payment_badge")
    list_display_links = ("number",)
    list_filter: ClassVar = [
        ("status", ChoicesDropdownFilter),
        ("payment_status", ChoicesDropdownFilter),
        ("payment_method", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("placed_at", DaysFilter),
        AnswerFilter,
        FontFilter,
    ]
    ordering = ("-placed_at", "-number")
    sortable_by = ("placed",)
    search_fields = ("number",)  # shows the box; what it finds says orders.selectors.matching
    search_help_text = "Number, e-mail or product"
    transfer = "order"
    actions = ("move_to_processed", "move_to_shipped", "export_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Orders with their customers and the number of pieces in each."""
        pieces = (
            OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order").annotate(pieces=Sum("quantity"))
        )
        items = Subquery(pieces.values("pieces"), output_field=IntegerField())
        return super().get_queryset(request).select_related("user").annotate(items=items)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Order],
        search_term: str,
    ) -> tuple[QuerySet[Order], bool]:
        """Search on indexes only."""
        return (matching(queryset, search_term) if search_term.strip() else queryset), False

    @admin.display(description="Placed", ordering="placed_at")
    def placed(self, order: Order) -> str:
        """When it was placed."""
        return moment(order.placed_at)

    @admin.display(description="Customer")
    def customer(self, order: Order) -> str:
        """Whose order it is."""
        return customer_name(order)

    @admin.display(description="Items")
    def items(self, order: Order) -> int:
        """How many pieces."""
        return int(getattr(order, "items", 0) or 0)

    @admin.display(description="Total")
    def total_amount(self, order: Order) -> str:
        """What it costs."""
        return amount(order.total, order.currency)

    @admin.display(description="Status")
    def status_badge(self, order: Order) -> SafeString:
        """Where it is."""
        return badge("status", order.status, order.get_status_display())

    @admin.display(description="Payment")
    def payment_badge(self, order: Order) -> SafeString:
        """Where the money is."""
        return badge("payment", order.payment_status, order.get_payment_status_display())

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, the address the buttons post to, and the print files."""
        guard: Any = self.admin_site.admin_view
        return [
            path("<uuid:order_id>/edit/", guard(edit_view), name="orders_order_edit"),
            path("<uuid:order_id>/links/", guard(links_view), name="orders_order_links"),
            path("<uuid:order_id>/payment-link/", guard(link_view), name="orders_order_payment_link"),
            path("<uuid:order_id>/move/", guard(self.move_view), name="orders_order_move"),
            path("<uuid:order_id>/review/", guard(review_view), name="orders_order_review"),
            path("<uuid:order_id>/documents/<slug:kind>/", guard(document_view), name="orders_order_document"),
            path("<uuid:order_id>/refund/", guard(refund_view), name="orders_order_refund"),
            path("<uuid:order_id>/refund/again/", guard(again_view), name="orders_order_refund_again"),
            path("proofs/<slug:sha256>/<slug:kind>/", guard(proof_view), name="orders_order_proof"),
            *super().get_urls(),
        ]

    def has_move_permission(self, request: HttpRequest) -> bool:
        """Whether this person sees buttons and bulk moves."""
        return policies.can_move(request.user)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The order page. It is no form: the only thing that can be done is to press one of its buttons."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        order = self.get_object(request, object_id)
        if not self.has_view_permission(request, order):
            raise PermissionDenied
        if order is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = self.admin_site.each_context(request) | order_page(request.user, order)
        context |= {"title": str(order), "opts": self.opts, "original": order} | (extra_context or {})
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/orders/order/page.html", context)

    def move_view(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """Where the buttons post to; always leads back to the order's page.

        Raises:
            PermissionDenied: this person may not move orders.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not policies.can_move(request.user):
            raise PermissionDenied
        moves.press(request, order_id)
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order_id]))

    @admin.action(description="Move to processed", permissions=["move"])
    def move_to_processed(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Move every selected order that can be moved."""
        self._move_all(request, queryset, OrderStatus.PROCESSED)

    @admin.action(description="Move to shipped", permissions=["move"])
    def move_to_shipped(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Move every selected order that can be moved."""
        self._move_all(request, queryset, OrderStatus.SHIPPED)

    def _move_all(self, request: HttpRequest, queryset: QuerySet[Order], target: OrderStatus) -> None:
        """One service call, and so one transaction, per order; those that are refused do not hold the others up."""
        move = Move(target=target, actor=actor_of(request), role=Role.STAFF)
        orders = list(queryset[: self.list_per_page])
        refusals = {order: refusal for order in orders if (refusal := moves.attempt(order.pk, move, order.version))}
        moved = len(orders) - len(refusals)
        if moved:
            messages.success(
                request, f"{moved} {'order is' if moved == 1 else 'orders are'} now {target.label.lower()}."
            )
        for order, refusal in list(refusals.items())[:_MAX_REFUSALS_SHOWN]:
            messages.error(request, f"{order}: {refusal}")
        if len(refusals) > _MAX_REFUSALS_SHOWN:
            messages.error(request, f"{len(refusals) - _MAX_REFUSALS_SHOWN} more orders could not be moved.")
