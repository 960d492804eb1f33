"""The API's outermost layer: finds route and version of a call, and makes every refusal a problem document."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views import defaults

from fantasize.core.api.exceptions import as_domain_error, problem_for_status
from fantasize.core.api.problems import CONTENT_TYPE, ProblemResponse
from fantasize.core.api.versioning import (
    ApiCall,
    call_of,
    deprecation_headers,
    is_api_path,
    negotiate,
    require_in_service,
)
from fantasize.core.errors import DomainError

_FIRST_REFUSAL = 400


class ApiMiddleware:
    """Rewrites ``path_info`` to the one route that serves all spellings of a path; ``path`` stays what was asked for.

    Paths that are not the API's pass untouched.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with what every answer of the API says."""
        try:
            call = negotiate(request)
        except DomainError as error:
            return _finish(ProblemResponse(request, error), call_of(request))
        return self.get_response(request) if call is None else self._answer(request, call)

    def _answer(self, request: HttpRequest, call: ApiCall) -> HttpResponse:
        request.api_call = call  # type: ignore[attr-defined]
        request.path_info = call.route
        try:
            require_in_service(call)
        except DomainError as error:
            return _finish(ProblemResponse(request, error), call)
        response = self.get_response(request)
        if response.status_code >= _FIRST_REFUSAL and response.headers.get("Content-Type") != CONTENT_TYPE:
            response = problem_for_status(request, response.status_code, _kept(response))
        return _finish(response, call)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for an exception that DRF has not seen (rendering, for example)."""
        return ProblemResponse(request, as_domain_error(error)) if hasattr(request, "api_call") else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler400``: a request refused before the API's own layer was reached (a forged Host)."""
    if is_api_path(request.path_info):
        return problem_for_status(request, _FIRST_REFUSAL)
    return defaults.bad_request(request, exception)


def _kept(response: HttpResponse) -> dict[str, str]:
    """The headers that a refusal keeps when it is worded again."""
    return {name: response.headers[name] for name in ("Allow", "Retry-After", "WWW-Authenticate") if name in response}


def _finish(response: HttpResponse, call: ApiCall) -> HttpResponse:
    for name, value in deprecation_headers(call).items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-store")
    patch_vary_headers(response, ["API-Version"])
    return response
