"""Speaking to a running shop as programs do, and what every refusal must look like."""

import ipaddress
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from fantasize.api.errors_page import list_problem_types
from fantasize.tests.contract.documented import PROBLEM_SCHEMA, faults

PROBLEM = "application/problem+json"
_FAULT_PLACES = {"pointer", "parameter", "header"}
# The shop trusts our word for where a call comes from, so that calls do not use up each other's limits.
_addresses = ipaddress.ip_network("10.0.0.0/8").hosts()
# What the inside looks like: none of it may get out.
_INSIDES = re.compile(r"Traceback|\.py\b|psycopg|django|rest_framework|redis|SELECT |INSERT |/work|/usr|0x[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, byte for byte."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def faults(self) -> dict[str, str]:
        """Where something is wrong, and its code."""
        return {
            next(fault[place] for place in _FAULT_PLACES if place in fault): fault["code"]
            for fault in self.body["errors"]
        }


@dataclass(frozen=True, slots=True)
class Wire:
    """Sends exactly what it is told to."""

    url: str
    http: urllib3.PoolManager

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One request from an address of its own; bytes go as they are, everything else as JSON."""
        sent = {"X-Request-ID": str(uuid.uuid4()), "X-Forwarded-For": str(next(_addresses)), **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None and "Content-Type" not in sent:
            sent["Content-Type"] = "application/json"
        answer = self.http.request(method, self.url + path, body=body, headers=sent, redirect=False)
        return Reply(answer.status, answer.headers, answer.data)


def assert_problem(reply: Reply, status: int, code: str) -> None:
    """A whole problem document that says what is wrong and nothing of how the shop is made."""
    assert (reply.status, reply.headers["Content-Type"]) == (status, PROBLEM), reply.content[:500]
    problem = reply.body
    assert faults(PROBLEM_SCHEMA, problem) == []
    assert (problem["status"], problem["code"], problem["success"]) == (status, code, False), problem
    assert re.fullmatch(rf"https?://[^/]+/api-docs/errors#{code}", problem["type"])
    assert code in {problem_type.code for problem_type in list_problem_types()}
    assert problem["title"]
    assert problem["detail"].endswith((".", "?")), problem["detail"]
    assert problem["request_id"] == reply.headers["X-Request-ID"] == str(uuid.UUID(problem["request_id"]))
    assert problem["instance"] == f"urn:uuid:{problem['request_id']}"
    assert all(_is_fault(fault) for fault in problem["errors"]), problem["errors"]
    assert "no-store" in reply.headers["Cache-Control"]
    assert not _INSIDES.search(reply.content.decode()), problem
    _assert_headers(reply, problem)


def _is_fault(fault: Mapping[str, str]) -> bool:
    places = fault.keys() & _FAULT_PLACES
    is_short = all(len(value) <= 200 for value in fault.values())
    return len(places) == 1 and fault.keys() - places == {"code", "detail"} and is_short


def _assert_headers(reply: Reply, problem: Mapping[str, Any]) -> None:
    if reply.status == 401:
        assert reply.headers["WWW-Authenticate"].startswith(("Bearer", "Api-Key"))
    if reply.status == 405:
        assert reply.headers["Allow"]
    if reply.status in (429, 503):
        assert int(reply.headers["Retry-After"]) > 0
    if "retry_after" in problem:
        assert reply.headers["Retry-After"] == str(problem["retry_after"])
