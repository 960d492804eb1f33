"""Who may call what. Every viewset says so; what says nothing lets nobody in."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF's views import this module, by way of the settings.
    from rest_framework.views import APIView

__all__ = ["AllowAny", "DenyAll", "IsAuthenticated", "ReadOnly", "object_policy", "policy"]


class DenyAll(BasePermission):
    """The default: a viewset that forgot to say who may call it is closed."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Nobody."""
        return False


class IsAuthenticated(BasePermission):
    """Anybody who has shown who they are."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the caller is known."""
        return bool(request.user.is_authenticated)


class ReadOnly(BasePermission):
    """Anybody, to read; join with ``|``."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the call changes nothing."""
        return request.method in SAFE_METHODS


def policy(allows: Callable[[Any], bool]) -> type[BasePermission]:
    """A permission that asks ``allows(actor)``: the same function that the admin and the sockets ask."""

    class Policy(BasePermission):
        def has_permission(self, request: Request, view: "APIView") -> bool:
            return allows(request.user)

    return Policy


def object_policy(allows: Callable[[Any, Any], bool]) -> type[BasePermission]:
    """A permission that asks ``allows(actor, thing)`` of a thing that the actor may read."""

    class ObjectPolicy(BasePermission):
        def has_object_permission(self, request: Request, view: "APIView", obj: Any) -> bool:
            return allows(request.user, obj)

    return ObjectPolicy
