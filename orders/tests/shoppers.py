"""Who fills a cart over HTTP."""

from typing import Any

from accounts.models import User
from fantasize.tests.client import ApiClient, Reply


class Shopper:
    """Calls as somebody, or as a guest, who keeps the token that they are given."""

    def __init__(self, user: User | None = None, token: str | None = None) -> None:
        self.client, self.token = ApiClient(user), token

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        token = {"X_Cart_Token": self.token} if self.token else {}
        return self.client.call(method, path, body, **token, **headers)

    def put(self, thing: Any, quantity: int = 1, **more: Any) -> Reply:
        body = {str(thing._meta.model_name): thing.pk, "quantity": quantity, **more}
        reply = self.call("POST", "/cart/items", body)
        if reply.status == 201:
            self.token = reply.data.get("token") or self.token
        return reply

    def look(self) -> Any:
        reply = self.call("GET", "/cart")
        assert reply.status == 200
        return reply.data
