"""The frames of the sockets: what a client may say, and how answers are written. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from fantasize.core.errors import DomainError, InvalidError, MalformedError
from fantasize.core.guests import is_token

# JSON numbers beyond this are not exact everywhere.
MAX_INTEGER = 2**53 - 1
_MEMBERS = {"event", "data", "id"}
_SHELVES = {"product", "package"}
_ID = re.compile("[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of a client: an event's name, its data and the number that the answer repeats, if there is one."""

    event: str
    data: Any = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Sign in, or go on under a fresh token of the same person."""

    token: str


@dataclass(frozen=True, slots=True)
class TrackOrder:
    """Follow an order.

    Attributes:
        order: its id or number.
        after: the number of the last event that the client knows; None: it knows none.
        token: an order's own token, of somebody who has no account; empty: there is none.
    """

    order: str
    after: int | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class UntrackOrder:
    """Follow the order no longer."""

    order: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a shopper sees a number on: a product or a package, by its id.

    Attributes:
        kind: ``product`` or ``package``.
        id: which one.
    """

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class TrackInventory:
    """Follow how many there are."""

    shelf: Shelf


@dataclass(frozen=True, slots=True)
class UntrackInventory:
    """Follow the number no longer."""

    shelf: Shelf


@dataclass(frozen=True, slots=True)
class PreviewAnswers:
    """Judge, price and draw answers about something.

    Attributes:
        thing: what they are about.
        answers: to its own options, whatever they are.
        parts: to those of a package's parts, by the part's product.
        cart_token: who a guest is; empty: nobody in particular.
    """

    thing: Shelf
    answers: Mapping[str, Any]
    parts: Mapping[int, Mapping[str, Any]]
    cart_token: str = ""


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask for a sign of life."""


Command = Authenticate | TrackOrder | UntrackOrder | TrackInventory | UntrackInventory | PreviewAnswers | Ping


def parse_frame(text: str | None) -> Frame:
    """The message that a text frame holds; None stands for a binary frame.

    Raises:
        MalformedError: it is not a JSON object of ``event``, ``data`` and ``id``.
    """
    members = _load(text)
    event, number = members.get("event"), members.get("id")
    if not isinstance(event, str) or members.keys() - _MEMBERS:
        raise _malformed()
    if number is not None and not _is_integer(number):
        raise _malformed()
    return Frame(event, members.get("data"), number)


def read_command(frame: Frame) -> Command:
    """What the client wants.

    Raises:
        InvalidError: ``unknown_event``, or ``invalid`` for data that the event does not take.
    """
    read = _READERS.get(frame.event)
    if read is None:
        raise InvalidError("There is no such event.", code="unknown_event", title="Unknown event")
    return read(frame.data)


def build_frame(event: str, data: Mapping[str, Any], *, reply_to: int | None = None) -> str:
    """The text of a frame; an answer repeats the number of the client's message."""
    frame: dict[str, Any] = {"event": event, "data": data}
    if reply_to is not None:
        frame["id"] = reply_to
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def describe_error(error: DomainError) -> dict[str, str]:
    """The data of an ``error`` frame: the same code as over HTTP."""
    return {"code": error.code, "title": error.title, "detail": error.detail}


def _load(text: str | None) -> dict[str, Any]:
    try:
        members = json.loads(text or "", object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # ValueError: not JSON, or a number of thousands of digits. RecursionError: thousands of brackets.
        raise _malformed() from None
    if not isinstance(members, dict):
        raise _malformed()
    return members


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated key")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _malformed() -> MalformedError:
    return MalformedError(
        "A frame is a JSON object: event (text), data, and id (a whole number) if you like.",
        code="malformed_frame",
        title="Malformed frame",
    )


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER


def _read_authenticate(data: Any) -> Authenticate:
    if not isinstance(data, str):
        raise InvalidError("The data of authenticate is the access token, as text.")
    return Authenticate(data)


def _read_track(data: Any) -> TrackOrder:
    members = data if isinstance(data, dict) else {"order": data}
    after, token = members.get("after"), members.get("token", "")
    is_position = after is None or (_is_integer(after) and after >= 0)
    if members.keys() - {"order", "after", "token"} or not is_position or not isinstance(token, str):
        raise InvalidError("The data of track_order is an order's id or number, or {order, after} with after from 0.")
    return TrackOrder(_read_order(members), after, token)


def _read_untrack(data: Any) -> UntrackOrder:
    members = data if isinstance(data, dict) else {"order": data}
    if members.keys() - {"order"}:
        raise InvalidError("The data of untrack_order is an order's id or number.")
    return UntrackOrder(_read_order(members))


def _read_order(members: Mapping[str, Any]) -> str:
    order = members.get("order")
    if isinstance(order, str):
        return order
    if _is_integer(order):
        return str(order)
    raise InvalidError("An order is named by its id or its number.")


def _read_track_inventory(data: Any) -> TrackInventory:
    return TrackInventory(_read_shelf(data))


def _read_untrack_inventory(data: Any) -> UntrackInventory:
    return UntrackInventory(_read_shelf(data))


def _read_shelf(data: Any) -> Shelf:
    shelf = _find_shelf(data if isinstance(data, dict) else {"product": data})
    if shelf is None:
        raise InvalidError("The data of track_inventory is a product's id, or {product} or {package} with an id.")
    return shelf


def _find_shelf(members: Mapping[str, Any]) -> Shelf | None:
    """What just these members name, if they do."""
    if len(members) == 1 and members.keys() <= _SHELVES:
        [(kind, text)] = members.items()
        number = _ID.fullmatch(str(text)) if isinstance(text, str) or _is_integer(text) else None
        if number:
            return Shelf(kind, int(number[0]))
    return None


def _read_preview(data: Any) -> PreviewAnswers:
    members = dict(data) if isinstance(data, dict) else {}
    answers, parts, token = members.pop("answers", {}), members.pop("parts", {}), members.pop("cart_token", "")
    thing = _find_shelf(members)
    is_whole = isinstance(answers, dict) and isinstance(parts, dict) and isinstance(token, str)
    if thing is None or not is_whole or not all(map(_is_part, parts.items())):
        raise InvalidError("The data of preview is {product} or {package} with an id, answers, and parts by product.")
    if token and not is_token(token):
        raise InvalidError("The cart_token of preview is the token that the shop gave out, as it was.")
    return PreviewAnswers(thing, answers, {int(product): each for product, each in parts.items()}, token)


def _is_part(member: tuple[str, Any]) -> bool:
    return _ID.fullmatch(member[0]) is not None and isinstance(member[1], dict)


def _read_ping(data: Any) -> Ping:  # noqa: ARG001 - every reader has one signature; a ping may carry anything
    return Ping()


_READERS: dict[str, Callable[[Any], Command]] = {
    "authenticate": _read_authenticate,
    "track_order": _read_track,
    "untrack_order": _read_untrack,
    "track_inventory": _read_track_inventory,
    "untrack_inventory": _read_untrack_inventory,
    "preview": _read_preview,
    "ping": _read_ping,
}
