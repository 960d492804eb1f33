"""The review board: which special requests wait, for whom, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Min, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from unfold.contrib.filters.admin import DropdownFilter

from fantasize.core import clock
from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import badge
from orders.admin.page import customer_name
from orders.admin.reviews import link_to
from orders.models import LineReview
from orders.models.review import LineReviewQuerySet

_PARAMETER = "queue"


@dataclass(frozen=True, slots=True)
class Queue:
    """One tab: what waits there, and since when each of it does."""

    name: str
    label: str
    icon: str
    since: str

    def rows(self, reviews: QuerySet[LineReview]) -> QuerySet[LineReview]:
        """Those of the reviews that wait there, as ``since``."""
        found: LineReviewQuerySet = getattr(LineReview.objects, self.name)()
        return reviews.filter(pk__in=found.order_by().values("pk")).annotate(since=F(self.since))


QUEUES = (
    Queue("needing_approval", "Needs approval", "rate_review", "waiting_since"),
    Queue("needing_change", "Change requested", "edit_note", "decided_at"),
    Queue("needing_acceptance", "Waiting for the customer", "hourglass_top", "line__order__pending_at"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A queue as the page shows it; ``oldest`` is how long the oldest in it waits, or empty."""

    queue: Queue
    count: int
    oldest: str
    is_current: bool


class QueueFilter(DropdownFilter):
    """One of the queues; what staff have to look at unless something else is asked for."""

    title = "queue"
    parameter_name = _PARAMETER
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """All of them."""
        return [(queue.name, queue.label) for queue in QUEUES]

    def value(self) -> str:
        """The one that was asked for."""
        return queue_named(super().value()).name

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        """What waits there."""
        return queue_named(self.value()).rows(queryset)


def queue_named(name: Any) -> Queue:
    """The queue of that name; the first one if there is none."""
    return next((queue for queue in QUEUES if queue.name == name), QUEUES[0])


def tabs(current: Queue) -> Sequence[Tab]:
    """The queues with how much waits in each; a query each, by the index of what is open."""
    return [_tab(queue, is_current=queue is current) for queue in QUEUES]


def _tab(queue: Queue, *, is_current: bool) -> Tab:
    facts: Mapping[str, Any] = queue.rows(LineReview.objects.all()).aggregate(count=Count("pk"), oldest=Min("since"))
    return Tab(queue, facts["count"], _age(facts["oldest"]), is_current)


def _age(since: datetime | None) -> str:
    return timesince(since, clock.now(), depth=1) if since else ""


@admin.register(LineReview)
class LineReviewAdmin(ReadOnlyModelAdmin):
    """The queue, the oldest first; each row leads to the line on its order's page, where it is decided about."""

    list_display = ("item", "order", "customer", "state_badge", "waits")
    list_display_links = ("item",)
    list_filter: ClassVar = [QueueFilter]
    list_before_template = "admin/orders/linereview/tabs.html"
    list_select_related = ("line__order__user",)
    sortable_by = ()
    ordering = ("waiting_since", "pk")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list below its tabs."""
        found = tabs(queue_named(request.GET.get(_PARAMETER)))
        return super().changelist_view(request, {"title": "Special requests", "tabs": found, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """The line on its order's page.

        Raises:
            PermissionDenied: this person sees no special requests.
        """
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        review = self.get_object(request, object_id)
        if not self.has_view_permission(request, review):
            raise PermissionDenied
        if review is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return HttpResponseRedirect(link_to(review.line.order_id, review.line_id))

    @admin.display(description="Item")
    def item(self, review: LineReview) -> str:
        """What it is about."""
        return f"{review.line.quantity} x {review.line.name}"

    @admin.display(description="Order")
    def order(self, review: LineReview) -> int:
        """The order's number."""
        return review.line.order.number

    @admin.display(description="Customer")
    def customer(self, review: LineReview) -> str:
        """Whose order it is."""
        return customer_name(review.line.order)

    @admin.display(description="State")
    def state_badge(self, review: LineReview) -> SafeString:
        """What became of it."""
        return badge("special", review.outcome, review.outcome.label)

    @admin.display(description="Waits for")
    def waits(self, review: LineReview) -> str:
        """For how long."""
        return _age(getattr(review, "since", None))
