"""Reviews: what waits for moderation first, in the words of its authors."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.forms import ActionForm

from catalog import policies
from catalog.enums import ReviewState
from catalog.models import Package, Product, Review
from catalog.selectors.reviews import STARS
from catalog.services import reviews
from fantasize.core import clock
from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ActorList, ReadOnlyModelAdmin
from fantasize.core.admin.display import badge, moment
from fantasize.core.admin.filters import DaysFilter
from fantasize.core.errors import DomainError

_MAX_REFUSALS_SHOWN = 10
_EVERYTHING = "all"
_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class StateFilter(DropdownFilter):
    """Reviews on their way; those that wait unless something else is asked for."""

    title = "state"
    parameter_name = "state"
    all_option = None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """The states, and all of them."""
        return [*ReviewState.choices, (_EVERYTHING, "All")]

    def value(self) -> str:
        """What was asked for."""
        asked = super().value()
        return asked if asked in {*ReviewState.values, _EVERYTHING} else ReviewState.PENDING.value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:  # noqa: ARG002 - as above
        """The reviews in that state."""
        state = self.value()
        return queryset if state == _EVERYTHING else queryset.filter(state=state)


class SeenForm(ActionForm):
    """What is done with the selected reviews; ``seen_at`` is when the page with them was made."""

    seen_at = forms.CharField(
        label="", required=False, widget=forms.HiddenInput, initial=lambda: clock.now().isoformat()
    )


class ReviewList(ActorList):
    """Reviews with the names of who moderated them."""

    actor_field = "moderated_by"


@admin.register(Review)
class ReviewAdmin(ReadOnlyModelAdmin):
    """The moderation queue. Nobody edits what others say: it is published, or it is not."""

    list_display = ("opinion", "about", "author", "stars", "state_badge")
    list_display_links = None
    list_filter: ClassVar = [StateFilter, ("rating", ChoicesDropdownFilter), ("created_at", DaysFilter)]
    list_select_related = ("user", "product", "package")
    ordering = ("created_at", "pk")
    sortable_by = ()
    action_form = SeenForm
    actions = ("publish", "reject")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ReviewList]:  # noqa: ARG002 - Django's signature
        """The class of the list."""
        return ReviewList

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Whether this person decides."""
        return policies.can_moderate_reviews(request.user)

    @admin.display(description="Review")
    def opinion(self, review: Review) -> SafeString:
        """All of it: what is decided about is to be read."""
        return format_html('<div class="fz-said">{}</div>', review.text or "(stars only)")

    @admin.display(description="About")
    def about(self, review: Review) -> SafeString:
        """What it is about, leading there."""
        thing: Product | Package = review.product or review.package  # type: ignore[assignment] # a constraint: one of them
        kind = "product" if review.product else "package"
        address = reverse(f"admin:catalog_{kind}_change", args=[thing.pk])
        return format_html('<a class="fz-link" href="{}">{}</a>', address, thing.name)

    @admin.display(description="From")
    def author(self, review: Review) -> SafeString:
        """Who wrote it, and when."""
        written = moment(review.edited_at or review.created_at)
        name = review.user.get_full_name() or str(review.user)
        edited = " (edited)" if review.edited_at else ""
        both = '<span class="fz-two"><span>{}</span><small class="fz-when">{}{}</small></span>'
        return format_html(both, name, written, edited)

    @admin.display(description="Stars")
    def stars(self, review: Review) -> SafeString:
        """How many of five."""
        filled, empty = "★" * review.rating, "☆" * (len(STARS) - review.rating)
        return format_html('<span class="fz-stars" aria-label="{} of 5">{}{}</span>', review.rating, filled, empty)

    @admin.display(description="State")
    def state_badge(self, review: Review) -> SafeString:
        """Where it is, and who decided that."""
        label = badge("review", review.state, review.get_state_display())
        moderator = getattr(review, "actor_name", "")
        return format_html('<span class="fz-two">{}<small>{}</small></span>', label, moderator)

    @admin.action(description="Publish", permissions=["moderate"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        """Show the selected reviews to shoppers."""
        self._decide(request, queryset, reviews.publish_review, "published")

    @admin.action(description="Reject", permissions=["moderate"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        """Do not show the selected reviews."""
        self._decide(request, queryset, reviews.reject_review, "rejected")

    def _decide(
        self, request: HttpRequest, queryset: QuerySet[Review], decide: Callable[..., None], outcome: str
    ) -> None:
        """One service call, and so one transaction, per review; those that are refused do not hold the others up."""
        rows = list(queryset[: self.list_per_page])
        seen_at, refusals = _seen_at(request), []
        for review in rows:
            try:
                decide(review_id=review.pk, actor=actor_of(request), seen_at=seen_at)
            except DomainError as error:
                refusals.append(f"{review.product or review.package}, {review.rating} of 5: {error.detail}")
        if done := len(rows) - len(refusals):
            messages.success(request, f"{done} {'review is' if done == 1 else 'reviews are'} {outcome}.")
        for refusal in refusals[:_MAX_REFUSALS_SHOWN]:
            messages.error(request, refusal)
        if len(refusals) > _MAX_REFUSALS_SHOWN:
            messages.error(request, f"{len(refusals) - _MAX_REFUSALS_SHOWN} more reviews were not {outcome}.")


def _seen_at(request: HttpRequest) -> datetime:
    """When the page was made; a page that does not say so has seen no change."""
    try:
        seen_at = datetime.fromisoformat(request.POST.get("seen_at", ""))
    except ValueError:
        return _LONG_AGO
    return seen_at if seen_at.tzinfo else _LONG_AGO
