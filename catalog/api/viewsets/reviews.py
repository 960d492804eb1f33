"""Reviews over HTTP: everybody reads what is published, buyers write."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import caching, policies
from catalog.api.serializers.reviews import (
    ReviewChangesSerializer,
    ReviewFacetsSerializer,
    ReviewInputSerializer,
    ReviewSerializer,
)
from catalog.models import Package, Product, Review
from catalog.selectors.reviews import count_stars, reviews_by, reviews_of
from catalog.services import reviews
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.viewsets import ShopViewSet

MAX_AGE = 60


class _ReviewedViewSet(ShopViewSet):
    """Reviews of things of one kind."""

    serializer_class = ReviewSerializer
    facets_serializer_class = ReviewFacetsSerializer
    lookup_fields: ClassVar[Sequence[str]] = ("pk", "slug")
    rate_limit = "catalogue"
    public_max_age = MAX_AGE
    cache_policy = caching.REVIEWS
    query_parameters: ClassVar[dict[str, Sequence[str]]] = {"reviews": ("page", "page_size"), "write_review": ()}
    permission_classes = (AllowAny,)
    action_permissions: ClassVar[dict[str, Any]] = {"write_review": (policy(policies.can_write_reviews),)}
    action_rate_limits: ClassVar[dict[str, str]] = {"write_review": "reviews"}

    @extend_schema(responses=ReviewSerializer(many=True))
    @action(detail=True, methods=["get"])
    def reviews(self, request: Request, pk: str) -> Response:
        """The published reviews, the newest first, and how many give how many stars.

        Whoever has written one and signs in sees theirs too, with its state.
        """
        target, reader = self.get_object(), request.user
        found = reviews_of(target, reader_id=reader.pk if policies.can_write_reviews(reader) else None)
        page = self.paginate_queryset(found)
        response = self.get_paginated_response(self.get_serializer(page, many=True).data)
        response.facets = ReviewFacetsSerializer({"rating": count_stars(target)}).data  # type: ignore[attr-defined] # the renderer's
        return response

    @extend_schema(request=ReviewInputSerializer, responses={201: ReviewSerializer})
    @reviews.mapping.post
    def write_review(self, request: Request, pk: str) -> Response:
        """Say what you think of what you have received; shoppers see it once staff have published it."""
        target, said = self.get_object(), self.read_input(ReviewInputSerializer)
        review = reviews.write_review(user_id=cast("UUID", request.user.pk), target=target, **said)
        return self.answer(review, status=HTTPStatus.CREATED)


class ProductReviewViewSet(_ReviewedViewSet):
    """Reviews of products."""

    queryset = Product.objects.active()


class PackageReviewViewSet(_ReviewedViewSet):
    """Reviews of packages."""

    queryset = Package.objects.active()


class OwnReviewViewSet(mixins.ListModelMixin, ShopViewSet):
    """The reviews that one has written, whatever has become of them."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    permission_classes = (policy(policies.can_write_reviews),)
    action_rate_limits: ClassVar[dict[str, str]] = {"partial_update": "reviews"}

    @property
    def _author(self) -> UUID:
        """The caller, where the policy has made sure that it is a person."""
        return cast("UUID", self.request.user.pk)

    def get_queryset(self) -> QuerySet[Review]:
        """The caller's."""
        return reviews_by(self._author)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One of them."""
        return self.answer(self.get_object())

    @extend_schema(request=ReviewChangesSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say it otherwise; a changed review waits for moderation again."""
        review, changes = self.get_object(), self.read_input(ReviewChangesSerializer)
        return self.answer(reviews.edit_review(review_id=review.pk, user_id=self._author, changes=changes))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take it back."""
        reviews.withdraw_review(review_id=self.get_object().pk, user_id=self._author)
        return Response(status=HTTPStatus.NO_CONTENT)
