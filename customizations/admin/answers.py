"""What the editor's script asks, and how it is answered: JSON both ways, every fault with the pointer of its field."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from rest_framework.exceptions import ValidationError

from fantasize.core.api.exceptions import as_domain_error
from fantasize.core.api.parsers import StrictJSONParser
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.errors import DomainError

Deed = Callable[..., dict[str, Any]]


def posted(deed: Deed) -> Callable[..., HttpResponse]:
    """A view of what is posted; its refusals are JSON too. Who may do it, the deed asks."""

    @wraps(deed)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return answer(deed, request, *args, **kwargs)

    return view


def answer(deed: Deed, *args: Any, **kwargs: Any) -> HttpResponse:
    """What the deed answers, or why it is refused.

    Raises:
        PermissionDenied: as the deed does, and as pages do.
        Http404: as above.
    """
    try:
        return JsonResponse(deed(*args, **kwargs))
    except (PermissionDenied, Http404):
        raise
    except (DomainError, ValidationError) as error:
        return refuse(as_domain_error(error))


def refuse(error: DomainError) -> JsonResponse:
    """A refusal: a sentence, and every fault."""
    faults = [{"pointer": it.location, "code": it.code, "detail": it.detail} for it in error.errors]
    body = {"code": error.code, "detail": error.detail, "errors": faults, **error.extra}
    return JsonResponse(body, status=error.status)


def read(request: HttpRequest, kind: type[StrictSerializer], *, partial: bool = False) -> dict[str, Any]:
    """The body, as strictly as the API reads it.

    Raises:
        DomainError: it is no JSON that could be stored.
        ValidationError: naming every fault.
    """
    serializer = kind(data=StrictJSONParser().parse(request), partial=partial)  # type: ignore[arg-type] # it only reads
    serializer.is_valid(raise_exception=True)
    said: dict[str, Any] = serializer.validated_data
    return said
