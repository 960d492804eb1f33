"""Orders that staff prepare for somebody, over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from customizations.services.snapshots import Drawings
from fantasize.core.api.client_address import site_of
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet
from fantasize.core.errors import DomainError
from orders import policies
from orders.api.draft_serializers import (
    DraftInputSerializer,
    DraftSerializer,
    PlaceDraftSerializer,
    content_in,
    content_of,
)
from orders.api.serializers import OrderSerializer
from orders.models import DraftOrder
from orders.selectors import attach_siblings, get_order
from orders.services import drafts
from orders.services.drafts import Content


@contextmanager
def _in_order() -> Iterator[None]:
    """Faults of the order that a draft is of are told where its body has them."""
    try:
        yield
    except DomainError as error:
        error.errors = tuple(replace(fault, location=f"/order{fault.location}") for fault in error.errors)
        raise


class DraftViewSet(ReadOnlyShopViewSet):
    """What staff note that somebody might order. It holds no stock until it is placed."""

    queryset = DraftOrder.objects.none()
    serializer_class = DraftSerializer
    permission_classes = (policy(policies.may_draft("view")),)
    action_permissions: ClassVar = {
        "create": (policy(policies.may_draft("add")),),
        "update": (policy(policies.may_draft("change")),),
        "destroy": (policy(policies.may_draft("delete")),),
        "place": (policy(policies.can_place_drafts),),
    }
    if_match: ClassVar = {"update": True, "destroy": True, "place": True}
    prepared = ("place",)

    content: Content
    drawings: Drawings

    def get_queryset(self) -> QuerySet[DraftOrder]:
        """All of them, those changed last first."""
        return DraftOrder.objects.select_related("customer").order_by("-updated_at", "pk")

    def get_serializer_context(self) -> dict[str, Any]:
        """With whether it is for a guest."""
        body = self.request.data if self.action in ("create", "update") else {}
        is_guest = not (isinstance(body, dict) and body.get("customer"))
        return {**super().get_serializer_context(), "is_guest": is_guest}

    def prepare(self) -> None:
        """Draw what is to be ordered: before the transaction."""
        self.content = content_in(self.get_object())
        self.drawings = drafts.draw_proofs(self.content)

    @extend_schema(request=DraftInputSerializer, responses={201: DraftSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Note what somebody might order; what it would cost is said, and nothing is held."""
        with _in_order():
            content, note = self._read()
            draft = drafts.create(content=content, note=note, actor=self.request.actor)
        return self.answer(draft, status=HTTPStatus.CREATED)

    @extend_schema(request=DraftInputSerializer, responses=DraftSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Note something else in its place."""
        version = require_version(self.request, draft := self.get_object(), is_required=True)
        with _in_order():
            content, note = self._read()
            changed = drafts.change(draft_id=draft.pk, content=content, note=note, expected_version=version)
        return self.answer(changed)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Forget a draft that was not placed."""
        version = require_version(self.request, draft := self.get_object(), is_required=True)
        drafts.remove(draft_id=draft.pk, expected_version=version)
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=PlaceDraftSerializer, responses={201: OrderSerializer})
    @action(detail=True, methods=["post"])
    def place(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Place the order that it is of, for its customer; once."""
        data = self.read_input(PlaceDraftSerializer)
        version = require_version(self.request, draft := self.get_object(), is_required=True)
        order = drafts.place(
            draft_id=draft.pk,
            content=self.content,
            drawings=self.drawings,
            actor=self.request.actor,
            expected_version=version,
            expected_total=data.get("expected_total"),
        )
        placed = get_order(self.request.user, str(order.pk))
        attach_siblings([placed])
        return self.answer(placed, serializer_class=OrderSerializer, status=HTTPStatus.CREATED)

    def _read(self) -> tuple[Content, str]:
        data = self.read_input(DraftInputSerializer)
        place = site_of(self.request.client_address)
        return content_of(data["order"], customer=data.get("customer"), caller_address=place), data["note"]
