"""The OpenAPI document and the pages for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fantasize.api import document
from fantasize.api.errors_page import list_problem_types
from fantasize.core.api.negotiation import preferred_type
from fantasize.core.api.problems import NotAcceptableError
from fantasize.core.api.versioning import call_of

YAML = "application/vnd.oai.openapi"
JSON = "application/vnd.oai.openapi+json"
_OFFERED = {
    "application/json": (JSON, document.as_json),
    JSON: (JSON, document.as_json),
    YAML: (YAML, document.as_yaml),
    "application/yaml": (YAML, document.as_yaml),
}
_FORMATS = {"json": JSON, "yaml": YAML}


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of the version that the call speaks; ``?format=json|yaml`` or by ``Accept``."""
    wanted = _FORMATS.get(request.GET.get("format", "")) or preferred_type(request, list(_OFFERED))
    if wanted is None:
        raise NotAcceptableError(f"Only {', '.join(_OFFERED)} can be had here.")
    media_type, dump = _OFFERED[wanted]
    return HttpResponse(dump(call_of(request).version), content_type=media_type)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The document to read and try (Swagger UI, served by us)."""
    return render(request, "api/docs.html")


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    """What every problem type means."""
    return render(request, "api/errors.html", {"problem_types": list_problem_types()})
