"""Calling the API in tests."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client

from accounts.models import Session, User
from accounts.tokens import issue_access
from fantasize.core import clock


def access_token(user: User) -> str:
    """A token as a sign-in gives it out."""
    return issue_access(Session.objects.create(user=user, expires_at=clock.now() + timedelta(days=30)))


class ApiClient:
    """Calls ``/api/v2`` as somebody, or as nobody."""

    def __init__(self, user: User | None = None, *, prefix: str = "/api/v2") -> None:
        self.prefix = prefix
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {access_token(user)}"} if user else {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> "Reply":
        """One request; underscores in header names stand for hyphens."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(method, self.prefix + path, content, "application/json", headers=sent)
        return Reply(answer)

    def get(self, path: str, **headers: str) -> "Reply":
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> "Reply":
        """POST."""
        return self.call("POST", path, body, **headers)


class Reply:
    """An answer; ``data`` is what the envelope holds."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.headers = response.headers
        self.content: bytes = response.getvalue()

    @property
    def body(self) -> Any:
        """The whole document."""
        return json.loads(self.content)

    @property
    def data(self) -> Any:
        """What the envelope holds."""
        return self.body["data"]

    @property
    def faults(self) -> dict[str, str]:
        """Where something is wrong, and its code."""
        return {
            error.get("pointer") or error.get("parameter") or error.get("header"): error["code"]
            for error in self.body["errors"]
        }
