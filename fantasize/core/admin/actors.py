"""Who did it: the texts that events and ledgers keep, as names."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.http import HttpRequest

_PREFIX = "user:"


def actor_of(request: HttpRequest) -> str:
    """Whoever is signed in, as events and ledgers write it."""
    user: Any = request.user
    return str(user.actor)


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """A name for each actor text, in one query, or none when nobody of them is a user.

    People are called by name and e-mail address, unknown actors by their text.
    """
    wanted = set(actors)
    ids = {actor: _user_id(actor) for actor in wanted if actor.startswith(_PREFIX)}
    users = get_user_model().objects.in_bulk([key for key in ids.values() if key])
    people = {actor: _person(users[key]) for actor, key in ids.items() if key in users}
    return {actor: people.get(actor) or _other(actor) for actor in wanted}


def _user_id(actor: str) -> UUID | None:
    try:
        return UUID(actor.removeprefix(_PREFIX))
    except ValueError:
        return None


def _person(user: Any) -> str:
    name = user.get_full_name()
    return f"{name} ({user})" if name else str(user)


def _other(actor: str) -> str:
    if actor.startswith("key:"):
        return f"{actor.removeprefix('key:')} (API key)"
    if actor.startswith("link:"):
        return "Whoever has a link"
    return actor if ":" in actor else actor.capitalize()
