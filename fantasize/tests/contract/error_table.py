"""The error table of the wire contract: for each status, everything that leads to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fantasize.tests.contract.stage import PASSWORD, fresh_key
from fantasize.tests.journeys.shop import ADDRESS

Names = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal.

    Attributes:
        status, code: what is answered.
        call: method and path; the path may mention names of the stage.
        who: by whom.
        body: bytes as they are, JSON, or a function of the stage's names.
        headers: sent beside the usual ones.
        faults: the places that ``errors`` names and their codes, where the row is about them.
        members: what else the problem holds.
    """

    status: int
    code: str
    call: str
    who: str = ""
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] | None = None
    members: Mapping[str, Any] = field(default_factory=dict)


def _raw(status: int, code: str, body: bytes, **more: Any) -> Row:
    return Row(status, code, "POST /api/v2/auth/login", body=body, **more)


def _order(**more: Any) -> Callable[[Names], dict[str, Any]]:
    line = more.pop("line", {})
    return lambda names: {
        "lines": [{"product": names["product"], "quantity": 1, **line}],
        "payment_method": "cash_on_delivery",
        "shipping_address": ADDRESS,
        **more,
    }


def _placing(status: int, code: str, *, faults: Mapping[str, str] | None = None, **more: Any) -> Row:
    members = more.pop("members", {})
    return Row(status, code, "POST /api/v2/orders", "ada", _order(**more), fresh_key(), faults, members)


_LOGIN = {"email": "ada@example.com", "password": PASSWORD}
_STATUS = "PUT /api/v2/orders/{order}/status"
_PRODUCT = "/api/v2/products/{product}"

UNREADABLE = {
    "text that is no JSON": _raw(400, "malformed_json", b'{"email": '),
    "two keys of one name": _raw(400, "malformed_json", b'{"email": "a", "email": "b"}'),
    "NaN": _raw(400, "malformed_json", b'{"email": NaN}'),
    "Infinity": _raw(400, "malformed_json", b'{"email": -Infinity}'),
    "33 levels": _raw(400, "malformed_json", b'{"a":' * 33 + b"1" + b"}" * 33),
    "100,000 levels": _raw(400, "malformed_json", b"[" * 100_000),
    "bytes that are no UTF-8": _raw(400, "malformed_json", b'{"email": "\xff"}'),
    "two documents": _raw(400, "malformed_json", b"{}{}"),
    "no key where v2 asks for one": Row(
        400,
        "idempotency_key_missing",
        "POST /api/v2/orders",
        "ada",
        _order(),
        faults={"Idempotency-Key": "idempotency_key_missing"},
    ),
    "a key of 256 characters": Row(
        400, "idempotency_key_malformed", "POST /api/v2/orders", "ada", _order(), {"Idempotency-Key": "k" * 256}
    ),
    "an empty key": Row(
        400, "idempotency_key_malformed", "POST /api/v2/orders", "ada", _order(), {"Idempotency-Key": ""}
    ),
    "a key with a letter that is no ASCII": Row(
        400, "idempotency_key_malformed", "POST /api/v2/orders", "ada", _order(), {"Idempotency-Key": "clé"}
    ),
    "a malformed key where none is needed": Row(
        400, "idempotency_key_malformed", "DELETE /api/orders/{order}", "ada", None, {"Idempotency-Key": "k" * 256}
    ),
    "a URL and a header that disagree": Row(
        400, "version_conflict", "GET /api/v2/products", headers={"API-Version": "v1"}
    ),
    "a header and a parameter that disagree": Row(
        400, "version_conflict", "GET /api/products?version=v2", headers={"API-Version": "v1"}
    ),
    "a bare path and a header that disagree": Row(
        400, "version_conflict", "GET /products", headers={"API-Version": "v2"}
    ),
    "a header that names no version": Row(
        400,
        "unknown_version",
        "GET /api/products",
        headers={"API-Version": "v9"},
        faults={"API-Version": "unknown_version"},
    ),
    "a parameter that names no version": Row(
        400, "unknown_version", "GET /api/products?version=2", faults={"version": "unknown_version"}
    ),
    "a type that is not offered": Row(406, "not_acceptable", "GET /api/v2/products", headers={"Accept": "text/html"}),
    "a body over 1 MiB": _raw(413, "too_large", b'{"email": "' + b"a" * 2**20 + b'"}'),
    "a body over what anything here takes": _raw(413, "too_large", b" " * (13 * 2**20)),
    "a form": _raw(
        415, "unsupported_media_type", b"email=a", headers={"Content-Type": "application/x-www-form-urlencoded"}
    ),
    "a body of no type": _raw(415, "unsupported_media_type", b"{}", headers={"Content-Type": ""}),
    "plain text": _raw(415, "unsupported_media_type", b"{}", headers={"Content-Type": "text/plain"}),
    "XML": _raw(415, "unsupported_media_type", b"<a/>", headers={"Content-Type": "application/xml"}),
    "a multipart form": _raw(
        415, "unsupported_media_type", b"--x--", headers={"Content-Type": "multipart/form-data; boundary=x"}
    ),
}

STRANGERS = {
    "nobody": Row(401, "not_authenticated", "GET /api/v2/orders"),
    "nobody, to write": Row(401, "not_authenticated", "POST /api/v2/products", body={}),
    "credentials of an unknown kind": Row(
        401, "not_authenticated", "GET /api/v2/orders", headers={"Authorization": "Basic YWRhOmFkYQ=="}
    ),
    "a token that is none": Row(
        401, "token_invalid", "GET /api/v2/orders", headers={"Authorization": "Bearer nonsense"}
    ),
    "a token that is none, where nobody need sign in": Row(
        401, "token_invalid", "GET /api/v2/products", headers={"Authorization": "Bearer nonsense"}
    ),
    "an unknown API key": Row(401, "api_key_invalid", "GET /api/v2/orders", headers={"X-API-Key": "nobody-has-this"}),
    "an unknown API key in the other header": Row(
        401, "api_key_invalid", "GET /api/v2/orders", headers={"Authorization": "Api-Key nobody-has-this"}
    ),
    "a wrong password": Row(
        401, "invalid_credentials", "POST /api/v2/auth/login", body={**_LOGIN, "password": "wrong"}
    ),
    "an unknown address": Row(
        401, "invalid_credentials", "POST /api/v2/auth/login", body={**_LOGIN, "email": "nobody@example.com"}
    ),
    "an unknown refresh token": Row(401, "refresh_invalid", "POST /api/v2/auth/refresh", body={"refresh": "fzr_none"}),
    "a machine at a person's door": Row(403, "permission_denied", "GET /api/v2/users/profile", "machine"),
    "a customer who moves an own order": Row(403, "permission_denied", _STATUS, "ada", {"status": "processing"}),
    "a customer who makes a product": Row(
        403, "permission_denied", "POST /api/v2/products", "ada", {"name": "x", "price": "1"}
    ),
    "a customer who changes a product": Row(403, "permission_denied", f"PATCH {_PRODUCT}", "ada", {"price": "0.01"}),
    "a customer who replaces a product": Row(
        403, "permission_denied", f"PUT {_PRODUCT}", "ada", {"name": "x", "price": "0.01"}
    ),
    "a review by somebody who did not receive it": Row(
        403, "not_received", f"POST {_PRODUCT}/reviews", "ada", {"rating": 5}
    ),
    "a customer who deletes a product": Row(403, "permission_denied", f"DELETE {_PRODUCT}", "ada"),
}

CONFLICTS = {
    "more than there is": _placing(409, "out_of_stock", line={"quantity": 100}),
    "another total than the shopper saw": _placing(
        409, "price_changed", expected_total="4.99", members={"total": "5.00"}
    ),
    "a step that the state table does not know": Row(
        409,
        "illegal_transition",
        _STATUS,
        "mia",
        {"status": "rejected"},
        {"If-Match": '"1"'},
        members={"allowed_transitions": ["processing", "cancelled"]},
    ),
    "a step that is not the machine's": Row(409, "illegal_transition", _STATUS, "machine", {"status": "cancelled"}),
    "an order that was changed meanwhile": Row(
        412,
        "precondition_failed",
        _STATUS,
        "mia",
        {"status": "processing"},
        {"If-Match": '"7"'},
        members={"current_version": 1},
    ),
    "a weak tag": Row(412, "precondition_failed", _STATUS, "mia", {"status": "processing"}, {"If-Match": 'W/"1"'}),
    "a product that was changed meanwhile": Row(
        412, "precondition_failed", f"PATCH {_PRODUCT}", "mia", {"price": "1"}, {"If-Match": '"7"'}
    ),
    "staff that do not say which version they act on": Row(
        428,
        "precondition_required",
        _STATUS,
        "mia",
        {"status": "processing"},
        faults={"If-Match": "required"},
    ),
    "staff that cancel so": Row(428, "precondition_required", "DELETE /api/v2/orders/{order}", "mia"),
}

INVALID = {
    "no body": Row(422, "invalid", "POST /api/v2/auth/login", body=b"", headers={"Content-Type": "application/json"}),
    "a body that is no object": _raw(422, "invalid", b"[]", faults={"": "not_an_object"}),
    "32 levels": _raw(422, "invalid", b'{"a":' * 32 + b"1" + b"}" * 32),
    "every fault at once": Row(
        422,
        "invalid",
        "POST /api/v2/orders",
        "ada",
        lambda names: {
            "lines": [{"product": names["product"], "quantity": 0}, {"quantity": True, "price": "0.01"}],
            "payment_method": "iou",
            "shipping_address": {"line1": " ", "city": 7, "country": "D1", "is_default_billing": True},
            "status": "paid",
        },
        fresh_key(),
        {
            "/lines/0/quantity": "min_value",
            "/lines/1/product": "required",
            "/lines/1/quantity": "invalid",
            "/lines/1/price": "unknown_field",
            "/payment_method": "invalid_choice",
            "/shipping_address/line1": "blank",
            "/shipping_address/city": "invalid",
            "/shipping_address/country": "invalid",
            "/shipping_address/is_default_billing": "unknown_field",
            "/status": "unknown_field",
        },
    ),
    "NUL": _raw(422, "invalid", b'{"email": "a\\u0000", "password": "x"}', faults={"/email": "invalid_character"}),
    "half a character": _raw(
        422, "invalid", b'{"email": "\\ud800", "password": "x"}', faults={"/email": "invalid_character"}
    ),
    "a number beyond all numbers": _raw(422, "invalid", b'{"email": 1e999}', faults={"": "out_of_range"}),
    "a number beyond its column": _placing(
        422, "invalid", line={"product": 2**63}, faults={"/lines/0/product": "max_value"}
    ),
    "a product that is not sold": _placing(
        422, "invalid", line={"product": 2**62}, faults={"/lines/0/product": "does_not_exist"}
    ),
    "a product that is hidden": Row(
        422,
        "invalid",
        "POST /api/v2/orders",
        "ada",
        lambda names: {**_order()(names), "lines": [{"product": names["hidden"], "quantity": 1}]},
        fresh_key(),
        {"/lines/0/product": "does_not_exist"},
    ),
    "a number with a point": _placing(422, "invalid", line={"quantity": 1.5}, faults={"/lines/0/quantity": "invalid"}),
    "a negative price": Row(
        422, "invalid", "POST /api/v2/products", "mia", {"name": "x", "price": "-1"}, faults={"/price": "min_value"}
    ),
    "a name that is taken": Row(
        422, "invalid", "POST /api/v2/products", "mia", {"name": "x", "price": "1", "sku": "product"}
    ),
    "a weak password": Row(
        422, "invalid", "POST /api/v2/auth/register", body={"email": "new@example.com", "password": "12345678"}
    ),
    "a status that is none": Row(
        422, "invalid", _STATUS, "mia", {"status": "lost"}, {"If-Match": '"1"'}, {"/status": "invalid_choice"}
    ),
    "a parameter that is none": Row(
        422, "invalid", "GET /api/v2/products?colour=red", faults={"colour": "unknown_parameter"}
    ),
    "a page of a thousand": Row(
        422,
        "invalid",
        "GET /api/v2/products?page=0&page_size=1000",
        faults={"page": "out_of_range", "page_size": "out_of_range"},
    ),
    "NUL in a parameter": Row(422, "invalid", "GET /api/v2/products?q=%00", faults={"q": "invalid_character"}),
    "a filter of another type": Row(
        422, "invalid", "GET /api/v2/products?min_price=cheap", faults={"min_price": "invalid"}
    ),
    "an event number that is none": Row(
        422, "invalid", "GET /api/v2/orders/{order}/track?after=-1", "ada", faults={"after": "out_of_range"}
    ),
    "an order's token that is wrong": Row(404, "not_found", "GET /api/v2/orders/{order}/track?token=guess"),
    "a link that was taken back": Row(410, "link_revoked", "GET /api/v2/orders/{order}/track?token={revoked_token}"),
}

# Paths that name somebody else's row, to be compared with a row that is not there.
FOREIGN = (
    "GET /api/v2/orders/{foreign_order}",
    "GET /api/v2/orders/{foreign_order_number}",
    "DELETE /api/v2/orders/{foreign_order}",
    "POST /api/v2/orders/{foreign_order}/cancel",
    "PUT /api/v2/orders/{foreign_order}/status",
    "GET /api/v2/orders/{foreign_order}/track",
    "GET /api/v2/users/addresses/{foreign_address}",
    "PUT /api/v2/users/addresses/{foreign_address}",
    "PATCH /api/v2/users/addresses/{foreign_address}",
    "DELETE /api/v2/users/addresses/{foreign_address}",
    "GET /api/v2/users/sessions/{foreign_session}",
    "DELETE /api/v2/users/sessions/{foreign_session}",
    "GET /api/v2/products/{hidden}",
    "GET /api/v2/products/hidden",
)
