"""What is found out anew for each of thousands of calls although it stays the same, found out once."""

import copy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.core import signals
from django.db import close_old_connections
from django.http import HttpRequest
from schemathesis.core.cache import BoundedCache
from schemathesis.generation.coverage import DEFAULT_GENERATION_SESSION
from schemathesis.schemas import APIOperation, BaseSchema

from accounts import policies, tokens
from accounts.models import Session
from accounts.tokens import Principal
from fantasize.admin import sign_ins


@contextmanager
def in_this_process() -> Iterator[None]:
    """Calls are made without a server. A request's end would close the connection that the test is on."""
    endings = (signals.request_started, signals.request_finished)
    for signal in endings:
        signal.disconnect(close_old_connections)
    with pytest.MonkeyPatch.context() as patch:
        # Any application could be one of Flask's, which is looked for on the disk each time.
        patch.setitem(sys.modules, "flask", None)
        # Of what it makes up for our operations it keeps too little, and would make it up again.
        patch.setattr(DEFAULT_GENERATION_SESSION, "draw_outcomes", BoundedCache(maxsize=10_000))
        yield
    for signal in endings:
        signal.connect(close_old_connections)


def keep_settings(schema: BaseSchema) -> BaseSchema:
    """Let the schema keep what its checks are told of an operation: it is gathered from all settings that may apply."""
    gather: Any = schema.config.checks_config_for
    kept: dict[tuple[str | None, str | None], Any] = {}

    def checks_config_for(
        *, operation: "APIOperation[Any, Any, Any, Any] | None" = None, phase: str | None = None
    ) -> Any:
        key = operation.label if operation else None, phase
        if key not in kept:
            kept[key] = gather(operation=operation, phase=phase)
        return kept[key]

    # As a method, it is found on the class; here the instance answers first.
    vars(schema.config)["checks_config_for"] = checks_config_for
    return schema


def keep_callers(patch: pytest.MonkeyPatch) -> None:
    """Let a token that was right stay so: each call would ask for its session and for its user's rights again.

    Not for walks in which one call changes what the next one finds.
    """
    authenticate, asks, callers = tokens.authenticate_access, cache(policies.requires_mfa), dict[str, Principal]()

    def authenticate_once(token: str) -> Principal:
        if token not in callers:
            callers[token] = authenticate(token)
            callers[token].user.get_all_permissions()
        session = _copied(callers[token].session)
        return replace(callers[token], session=session, user=session.user)

    patch.setattr(tokens, "authenticate_access", authenticate_once)
    patch.setattr(policies, "requires_mfa", asks)


def keep_sign_ins(patch: pytest.MonkeyPatch) -> None:
    """The same of whoever is signed in to the admin."""
    find, sign_ins_by_key = sign_ins._find, dict[str | None, Session | None]()

    def find_once(request: HttpRequest) -> Session | None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if key not in sign_ins_by_key:
            sign_ins_by_key[key] = find(request)
            request.user.get_all_permissions()
        kept = sign_ins_by_key[key]
        if kept is None:
            return None
        session = _copied(kept)
        request.user = session.user
        return session

    patch.setattr(sign_ins, "_find", find_once)
    patch.setattr(policies, "requires_mfa", cache(policies.requires_mfa))


def _copied(session: Session) -> Session:
    """A session and its user as they were: what a call does to them is not seen by the next one."""
    session = copy.copy(session)
    session.user = copy.copy(session.user)
    return session
