"""Which rate limits a call is subject to, and how its answer says so."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from fantasize.core import limits
from fantasize.core.api.client_address import client_address, site_of
from fantasize.core.limits import Verdict

if TYPE_CHECKING:
    # DRF's views import this module, by way of the settings.
    from rest_framework.views import APIView


class ShopThrottle(BaseThrottle):
    """Counts the call under its viewset's policy; the limiter is exact, unlike DRF's own throttles."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Always true; a call over the limit is refused by exception.

        Raises:
            RateLimitedError: over the limit.
            UnavailableError: Redis is down and the policy guards accounts.
        """
        count(request, policy_for(request, getattr(view, "rate_limit", "general")))
        return True


def policy_for(request: Request, rate_limit: str) -> str:
    """The policy of a call, by the viewset's ``rate_limit``, the method and who calls."""
    is_read = request.method in SAFE_METHODS
    if rate_limit == "catalogue" and is_read:
        return "catalogue"
    if rate_limit not in ("catalogue", "general"):
        return rate_limit
    if not request.user.is_authenticated:
        return "general"
    if request.user.is_staff:
        return "staff_reads" if is_read else "staff_writes"
    return "signed_in"


def count(request: Request, policy: str) -> None:
    """Count the call under ``policy`` and remember the verdict for the answer's headers.

    Raises:
        RateLimitedError: over the limit.
    """
    verdict = limits.hit(policy, subject_of(request, policy))
    if verdict is not None:
        verdict.require()
        remember(request, verdict)


def remember(request: Any, verdict: Verdict) -> None:
    """Have the answer's headers tell of ``verdict``; a refusal is told of wherever it was raised."""
    request.rate_limits = [*verdicts_of(request), verdict]


def subject_of(request: Request, policy: str) -> str:
    """Whom ``policy`` counts: the account, or the address of somebody unknown; sign-in always by address."""
    if request.user.is_authenticated and policy != "auth_address":
        return str(request.user.actor)
    return f"address:{site_of(client_address(request))}"


def verdicts_of(request: Any) -> list[Verdict]:
    """What the policies said about this call so far."""
    verdicts: list[Verdict] = getattr(request, "rate_limits", [])
    return verdicts


def add_headers(response: HttpResponseBase, verdicts: Iterable[Verdict]) -> None:
    """Say in ``RateLimit-Policy`` and ``RateLimit`` what is left; a public answer is everybody's and says nothing."""
    verdicts = list(verdicts)
    if not verdicts or "public" in response.headers.get("Cache-Control", ""):
        return
    policies = (f'"{verdict.policy}";q={verdict.quota};w={verdict.window}' for verdict in verdicts)
    left = (f'"{verdict.policy}";r={verdict.remaining};t={verdict.reset_after}' for verdict in verdicts)
    response.headers["RateLimit-Policy"] = ", ".join(policies)
    response.headers["RateLimit"] = ", ".join(left)
