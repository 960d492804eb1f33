"""Between the password and the second factor: kept in the cookie session, worth nothing but the second step."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts import policies
from accounts.enums import SignInMethod
from accounts.models import User
from accounts.services import mfa
from fantasize.core.errors import UnauthenticatedError

_KEY = "second_step"


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody who has shown a first factor, ``method``; ``then`` is the page they were going to."""

    user: User
    method: SignInMethod
    then: str


def begin(request: HttpRequest, user: User, *, method: SignInMethod, then: str) -> None:
    """Note that ``user`` has shown a first factor, in a cookie session that nobody knew before."""
    request.session.flush()
    request.session[_KEY] = {"ticket": mfa.challenge(user=user, method=method), "then": then}


def find(request: HttpRequest) -> Step | None:
    """Who has shown a first factor in this browser, as long as it is fresh and the account is as it was then."""
    noted = request.session.get(_KEY)
    if noted is None:
        return None
    try:
        user, method = mfa.read_challenge(noted["ticket"])
    except UnauthenticatedError:
        return None
    return Step(user, method, noted["then"]) if policies.is_staff_actor(user) else None
