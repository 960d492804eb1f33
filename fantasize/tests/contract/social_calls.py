"""What is called with a token of Google's, Facebook's or Firebase's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.socialaccount.models import SocialAccount

from accounts.tests.stand_in import StandIn, stand_in
from fantasize.tests.contract.world import World


def _by_google(world: World) -> dict[str, Any]:
    return {"id_token": _provider(world).google_token()}


def _by_firebase(world: World) -> dict[str, Any]:
    return {"id_token": _provider(world).firebase_token()}


def _by_facebook(world: World) -> dict[str, Any]:
    SocialAccount.objects.create(user=world.user("customer"), provider="facebook", uid="ada-at-facebook")
    return {"access_token": _provider(world).facebook_token()}


def _linking(world: World) -> dict[str, Any]:
    return {"provider": "google", **_by_google(world)}


def _provider(world: World) -> StandIn:
    provider: StandIn = world.shared["provider"]
    return provider


# Who calls what with which body, so that it succeeds.
CALLS: dict[str, tuple[str, Callable[[World], Any] | dict[str, Any] | None]] = {
    "POST /auth/google": ("anonymous", _by_google),
    "POST /auth/facebook": ("anonymous", _by_facebook),
    "POST /auth/firebase": ("anonymous", _by_firebase),
    "GET /users/social": ("customer", None),
    "POST /users/social": ("customer", _linking),
    "GET /users/social/{id}": ("customer", None),
    "DELETE /users/social/{id}": ("customer", None),
}


@contextmanager
def provider_for(operation: str, world: World, settings: Any) -> Iterator[None]:
    """A provider that answers while ``operation`` is called, if it asks one."""
    if operation not in CALLS:
        yield
        return
    with stand_in(settings) as provider:
        world.shared["provider"] = provider
        yield
