"""A running shop with people and things in it, for calls that are to be refused."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg_pool import ConnectionPool

from fantasize.embedded.postgres import ensure_postgres
from fantasize.tests.contract.wire import Reply, Wire
from fantasize.tests.journeys.shop import ADDRESS, Shop

PASSWORD = "correct-horse-battery"
MACHINE_KEY = "factory-key-of-the-tests"
# Few calls from one address and few wrong passwords; nothing else is counted.
GENERAL_QUOTA, AUTH_QUOTA = 6, 3
SETTINGS = {
    "API_KEYS": f"factory:{MACHINE_KEY}:orders.change_order+orders.view_order",
    "TRUSTED_PROXIES": "127.0.0.1",
    "RATE_LIMIT_GENERAL": f"{GENERAL_QUOTA}/15m",
    "RATE_LIMIT_AUTH": f"{AUTH_QUOTA}/15m",
    "RATE_LIMIT_CATALOGUE": "off",
    "RATE_LIMIT_SIGNED_IN": "off",
    "RATE_LIMIT_ORDERS": "off",
    "RATE_LIMIT_STAFF": "off",
    "RATE_LIMIT_STAFF_READS": "off",
}
PEOPLE = {"ada": "customer", "bob": "customer", "mia": "manager"}
# Somebody whose password is guessed at, and who therefore cannot sign in.
VICTIM = "eve"
STOCK = 5

_TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(accounts|catalog|core|orders)_'"
)
# The worker marks events as dispatched whenever it comes to it.
_DIGEST = (
    "SELECT '{0}', md5(coalesce(string_agg(line, ',' ORDER BY line), ''))"
    " FROM (SELECT (to_jsonb(t) - 'dispatched_at')::text AS line FROM {0} t) lines"
)


@dataclass
class Stage:
    """A shop and who acts in it.

    Attributes:
        database: the shop's own, for a look at it.
        tokens: access tokens by name.
        names: what paths and bodies may mention: ids of rows by what they are.
    """

    shop: Shop
    wire: Wire
    database: ConnectionPool
    tokens: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: Any = None, *, who: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One call as somebody: a person by name, the machine, or nobody."""
        return self.wire.send(method, path, body, {**self._credentials(who), **(headers or {})})

    def _credentials(self, who: str) -> dict[str, str]:
        if who == "machine":
            return {"X-API-Key": MACHINE_KEY}
        return {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}

    def digest(self) -> dict[str, str]:
        """What every table of the shop holds, as a hash per table."""
        with self.database.connection() as connection:
            tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
            found = connection.execute(" UNION ALL ".join(map(_DIGEST.format, tables))).fetchall()
            return dict(found)

    def place(self, who: str, **more: Any) -> Reply:
        """Order one mug."""
        body = {"lines": [{"product": self.names["product"], "quantity": 1}], "shipping_address": ADDRESS, **more}
        body.setdefault("payment_method", "cash_on_delivery")
        return self.call("POST", "/api/v2/orders", body, who=who, headers=fresh_key())


def fresh_key() -> dict[str, str]:
    """A header that nobody has used before."""
    return {"Idempotency-Key": str(uuid.uuid4())}


@contextmanager
def standing_stage(shop: Shop) -> Iterator[Stage]:
    """Two customers, a manager, a mug, something hidden, an order of each customer, an address."""
    url, check = ensure_postgres(shop.data_dir), ConnectionPool.check_connection
    with ConnectionPool(url, min_size=1, max_size=1, check=check, kwargs={"autocommit": True}, open=True) as database:
        yield _furnished(Stage(shop, Wire(shop.url, shop.http), database))


def _furnished(stage: Stage) -> Stage:
    stage.names |= _seed(stage.shop)
    for name in PEOPLE:
        answer = stage.call("POST", "/api/v2/auth/login", {"email": f"{name}@example.com", "password": PASSWORD})
        assert answer.status == 200, answer.content
        stage.tokens[name] = answer.data["access"]
    hidden = stage.call("PATCH", f"/api/v2/products/{stage.names['hidden']}", {"is_active": False}, who="mia")
    assert hidden.status == 200, hidden.content
    for who, name in (("ada", "order"), ("bob", "foreign_order")):
        placed = stage.place(who)
        assert placed.status == 201, placed.content
        stage.names |= {name: placed.data["id"], f"{name}_number": placed.data["number"]}
    links = f"/api/v2/orders/{stage.names['order']}/links"
    link = stage.call("POST", links, {"scope": "recipient"}, who="ada").data
    stage.names["revoked_token"] = link["token"]
    assert stage.call("DELETE", f"{links}/{link['id']}", who="ada").status == 204
    for who, name in (("ada", "address"), ("bob", "foreign_address")):
        stage.names[name] = stage.call("POST", "/api/v2/users/addresses", ADDRESS, who=who).data["id"]
    stage.names["foreign_session"] = stage.call("GET", "/api/v2/users/sessions", who="bob").data[0]["id"]
    return stage


def _seed(shop: Shop) -> dict[str, Any]:
    people = [
        {"email": f"{name}@example.com", "password": PASSWORD, "role": role, "verified": True}
        for name, role in {**PEOPLE, VICTIM: "customer"}.items()
    ]
    goods = [{"key": key, "name": key, "price": "5.00", "stock": STOCK} for key in ("product", "hidden")]
    file = shop.data_dir / "stage.json"
    file.write_text(json.dumps({"users": people, "products": goods}))
    ids: dict[str, Any] = json.loads(shop.manage("seed_scenario", "--json", str(file)))["products"]
    return ids
