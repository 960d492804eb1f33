"""Changing orders that were placed, over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customizations.services.snapshots import Drawings
from fantasize.core.api.client_address import site_of
from fantasize.core.api.conditional import require_version
from fantasize.core.errors import FieldError, ForbiddenError, InvalidError
from orders import policies
from orders.api.access import ORDER_TOKEN, OrderAccess
from orders.api.edit_serializers import (
    ChangeOrStatusSerializer,
    EditPreviewSerializer,
    OrderChangeSerializer,
    changes_in,
)
from orders.api.serializers import OrderSerializer
from orders.enums import Role
from orders.models import Order
from orders.services import order_edits
from orders.services.order_changes import Changes
from orders.services.order_edits import Editor

EDITS = ("update", "partial_update")
DRY_RUN = "dry_run"
_DRY_RUN = OpenApiParameter(
    DRY_RUN,
    {"type": "integer", "enum": [0, 1]},
    description="1: say what would come of it, and change nothing.",
)
_ANSWER = PolymorphicProxySerializer(
    component_name="OrderOrPreview",
    serializers=[OrderSerializer, EditPreviewSerializer],
    resource_type_field_name=None,
)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What is wanted of which order, read and drawn."""

    order: Order
    changes: Changes
    editor: Editor
    version: int | None
    data: Mapping[str, Any]
    drawings: Drawings


class EditMixin(OrderAccess):
    """Orders that can be changed while they wait."""

    wanted_edit: _Edit

    def prepare(self) -> None:
        """Draw what is new: before the transaction."""
        if self.action not in EDITS:
            super().prepare()
        elif not self._names_status():
            self.wanted_edit = self._read_edit()

    @extend_schema(parameters=[_DRY_RUN, ORDER_TOKEN], request=ChangeOrStatusSerializer, responses=_ANSWER)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change an order that waits, by whoever placed it or by staff; the rest of it stays as it is.

        It is priced anew, and its stock is kept anew, all of it or nothing. Staff also make one smaller that is being
        made; what it costs less goes back. With `dry_run=1` the answer is what would come of it. Staff who send a
        `status` move the order, as its `status` does; that cannot be tried first.
        """
        dry_run = self._is_dry_run()
        if self._names_status():
            if dry_run:
                raise _refused_query("not_allowed", "A change of the status cannot be tried.")
            # The same as PUT .../status, who may and who may not.
            response: Response = self.status(request, *args, **kwargs)  # type: ignore[attr-defined]
            return response
        wanted = self.wanted_edit
        edited = order_edits.edit(
            order_id=wanted.order.pk,
            changes=wanted.changes,
            editor=wanted.editor,
            expected_version=wanted.version,
            expected_total=wanted.data.get("expected_total"),
            dry_run=dry_run,
            drawings=wanted.drawings,
        )
        if dry_run:
            return self.answer(edited, serializer_class=EditPreviewSerializer)
        return self.answer(self.get_object())

    @extend_schema(parameters=[_DRY_RUN, ORDER_TOKEN], request=ChangeOrStatusSerializer, responses=_ANSWER)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The same."""
        return self.update(request, *args, **kwargs)

    def _read_edit(self) -> _Edit:
        order = self.get_object()
        role = policies.role_of(self.actor, order)
        if role not in (Role.OWNER, Role.STAFF):
            raise ForbiddenError("Only who placed it and staff change it.")
        version = require_version(self.request, order, is_required=role is Role.STAFF)
        data = self.read_input(OrderChangeSerializer)
        changes, editor = changes_in(data, order), self._editor(order, role)
        drawings = order_edits.draw_proofs(order=order, changes=changes, editor=editor)
        return _Edit(order, changes, editor, version, data, drawings)

    def _editor(self, order: Order, role: Role) -> Editor:
        """Whose pictures may be named: those of whoever the order is."""
        customer = order.user.actor if order.user else ""
        principal = customer if role is Role.STAFF else self.request.owner or ""
        return Editor(role, str(self.actor.actor), principal, site_of(self.request.client_address))

    def _names_status(self) -> bool:
        body = self.request.data
        return isinstance(body, Mapping) and "status" in body

    def _is_dry_run(self) -> bool:
        text = self.request.query_params.get(DRY_RUN, "0")
        if text not in ("0", "1"):
            raise _refused_query("invalid_choice", "0 or 1.")
        return text == "1"


def _refused_query(code: str, detail: str) -> InvalidError:
    return InvalidError("The query is not valid.", errors=[FieldError(DRY_RUN, code, detail, "parameter")])
