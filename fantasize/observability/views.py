"""Health and instance pages. Plain views: they must answer when nothing else can."""

import os
import platform
import socket
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from fantasize.core import clock
from fantasize.observability.health import Status, check_dependencies, overall

_STARTED_AT = clock.now()


@never_cache
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Every dependency with its status and latency; 503 when the shop cannot serve."""
    dependencies = check_dependencies()
    status = overall(dependencies)
    body = {
        "status": status,
        "timestamp": clock.now(),
        "dependencies": {one.name: {"status": one.status, "latency_ms": one.latency_ms} for one in dependencies},
    }
    return JsonResponse(body, status=_http_status(status))


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Whether this process should be sent calls: 503 without PostgreSQL or with migrations missing."""
    status = overall(check_dependencies())
    return JsonResponse({"status": status}, status=_http_status(status))


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Whether this process answers at all."""
    return JsonResponse({"status": Status.OK})


@never_cache
@require_safe
def instance_info(_request: HttpRequest) -> JsonResponse:
    """Which of several instances has answered."""
    return JsonResponse(
        {
            "instance": socket.gethostname(),
            "pid": os.getpid(),
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "python": platform.python_version(),
            "started_at": _STARTED_AT,
            "uptime_seconds": int((clock.now() - _STARTED_AT).total_seconds()),
        }
    )


def _http_status(status: Status) -> int:
    return HTTPStatus.SERVICE_UNAVAILABLE if status is Status.DOWN else HTTPStatus.OK
