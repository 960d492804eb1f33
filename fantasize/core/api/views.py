"""The life of a call: who asks, may they, how often, what is answered. Viewsets build on it."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from fantasize.core.api import throttling
from fantasize.core.api.caching import is_kept_for_all
from fantasize.core.api.conditional import digest, is_known, not_modified
from fantasize.core.api.filters import require_known, require_text
from fantasize.core.api.idempotency import answer_once, read_key
from fantasize.core.api.problems import MethodNotAllowedError
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.versioning import call_of
from fantasize.core.caching import CachePolicy
from fantasize.core.errors import DomainError, ForbiddenError, UnauthenticatedError

STALE_WHILE_REVALIDATE = 60


class ShopAPIView(GenericAPIView[Any]):
    """What every endpoint of the shop has in common.

    Attributes:
        rate_limit: which policy counts the calls: ``general``, ``catalogue`` or ``auth_address``.
        action_rate_limits: actions that are counted under a policy of their own as well, when they do their work.
        action_permissions: permissions of single actions, in place of ``permission_classes``.
        idempotency_exempt: ignores ``Idempotency-Key`` (everything about credentials does).
        idempotency_required: actions that need one in explicit v2.
        prepared: actions whose slow work ``prepare`` does, before the transaction that keeps their answer under a key.
        prepared_if_needed: those of them that mostly have none, and raise ``Unprepared`` when they have.
        query_parameters: what actions read from the query, beside the filters and pages of lists.
        public_max_age: seconds for which anybody may keep answers to anonymous reads; None for private answers.
        cache_policy: how we keep them ourselves, for all who ask the same; None for not at all.
    """

    rate_limit: ClassVar[str] = "general"
    action_rate_limits: ClassVar[Mapping[str, str]] = {}
    action_permissions: ClassVar[Mapping[str, Collection[Any]]] = {}
    idempotency_exempt: ClassVar[bool] = False
    idempotency_required: ClassVar[Collection[str]] = ()
    prepared: ClassVar[Collection[str]] = ()
    prepared_if_needed: ClassVar[Collection[str]] = ()
    query_parameters: ClassVar[Mapping[str, Collection[str]]] = {}
    public_max_age: ClassVar[int | None] = None
    cache_policy: ClassVar[CachePolicy | None] = None

    request: ShopRequest
    # Empty or None for a method that the route does not have.
    action: str
    _is_action_counted = False

    def initialize_request(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> Request:
        """DRF's request, with what the shop wants to know of a call."""
        return ShopRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Everything before the action: the first thing that is wrong with the call is what it hears of."""
        self.format_kwarg = None
        if not self.action:
            raise MethodNotAllowedError(f"{request.method} is not possible here.")
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = self.determine_version(request, *args, **kwargs)
        if request.method == "OPTIONS":
            return
        require_text(request)
        self._identify_and_count(request)
        self.check_permissions(request)
        self._require_known_parameters(request)
        self._wrap_handler(str(request.method).lower())

    def get_permissions(self) -> list[Any]:
        """The permissions of the action."""
        return [permission() for permission in self.action_permissions.get(self.action, self.permission_classes)]

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        """Refuse: who is unknown is asked to sign in, who is known is not let in.

        Raises:
            UnauthenticatedError: nobody has signed in.
            ForbiddenError: somebody has.
        """
        if not request.user.is_authenticated:
            raise UnauthenticatedError("Sign in first.")
        raise ForbiddenError(message or "You may not do this.", code=code or "")

    def prepare(self) -> None:
        """Slow work of an action, in no transaction; not done again for an answer that is repeated."""

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are, in ``Allow``."""
        return Response(status=HTTPStatus.NO_CONTENT)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer with its caching and rate-limit headers; 304 if the caller has it already."""
        response = super().finalize_response(request, response, *args, **kwargs)
        is_read = request.method in SAFE_METHODS and response.status_code == HTTPStatus.OK
        if is_read and self.public_max_age is not None and not request.user.is_authenticated:
            _make_public(request, response, self.public_max_age)
        throttling.add_headers(response, throttling.verdicts_of(request))
        etag = response.headers.get("ETag")
        is_sent = not is_read or not etag or is_kept_for_all(request) or not is_known(request, etag)
        return response if is_sent else not_modified(response.headers)

    def _identify_and_count(self, request: Request) -> None:
        try:
            self.perform_authentication(request)
        except DomainError:
            # Wrong credentials count too: a flood of them is a flood.
            self.check_throttles(request)
            raise
        self.check_throttles(request)

    def _require_known_parameters(self, request: Request) -> None:
        own = self.query_parameters.get(self.action)
        if self.action == "list":
            filterset = getattr(self, "filterset_class", None)
            paging = ("page", "page_size") if self.paginator else ()
            require_known(request, (*(own or ()), *paging, *(filterset.base_filters if filterset else ())))
        elif own is not None:
            require_known(request, own)

    def _wrap_handler(self, method: str) -> None:
        # DRF looks the handler up on the instance, where viewsets put it; so that is where ours goes around it.
        setattr(self, method, partial(self._answer, getattr(self, method)))

    def _answer(self, handler: Callable[..., Any], request: ShopRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        run: Callable[[], HttpResponse] = partial(handler, request, *args, **kwargs)
        is_kept = request.method not in SAFE_METHODS and not self.idempotency_exempt
        key = read_key(request, is_required=self.action in self.idempotency_required) if is_kept else None
        if key is None:
            self._prepare(request)
            return run()
        is_prepared_first = self.action in self.prepared and self.action not in self.prepared_if_needed
        return answer_once(
            request,
            key,
            lambda: self._answer_counted(request, run),
            prepare=partial(self._prepare, request),
            is_prepared_first=is_prepared_first,
        )

    def _answer_counted(self, request: ShopRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
        self._count_action(request)
        return self._render(request, run())

    def _prepare(self, request: ShopRequest) -> None:
        self._count_action(request)
        if self.action in self.prepared:
            self.prepare()

    def _count_action(self, request: ShopRequest) -> None:
        """Count the call under its action's own policy, once."""
        policy = self.action_rate_limits.get(self.action)
        if policy and not self._is_action_counted and not getattr(request.user, "is_staff", False):
            throttling.count(request, policy)
        self._is_action_counted = True

    def _render(self, request: ShopRequest, response: HttpResponse) -> HttpResponse:
        if isinstance(response, Response):
            self.finalize_response(request, response)
            response.render()
        return response


def _make_public(request: Any, response: Any, max_age: int) -> None:
    """Let anybody keep the answer; who signs in gets their own."""
    beside = [getattr(response, name, None) for name in ("pagination", "facets", "corrected")]
    told = [call_of(request).version, response.data, *beside]
    response.headers.setdefault("ETag", f'W/"{digest(told)}"')
    response.headers["Cache-Control"] = f"public, max-age={max_age}, stale-while-revalidate={STALE_WHILE_REVALIDATE}"
    patch_vary_headers(response, ["Authorization", "X-API-Key"])
