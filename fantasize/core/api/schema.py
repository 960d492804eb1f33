"""What the OpenAPI document says of every operation: the envelope, the refusals and the headers."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from fantasize.core.api import fields
from fantasize.core.api.idempotency import HEADER as IDEMPOTENCY_KEY
from fantasize.core.api.idempotency import KEY_PATTERN
from fantasize.core.api.problems import CONTENT_TYPE
from fantasize.core.api.serializers import Strict
from fantasize.core.api.versioning import LATEST

_Schema = dict[str, Any]

_REFUSALS_OF_READS = (400, 401, 403, 404, 406, 410, 422, 429, 503)
_CONFLICT = 409
_REFUSALS_OF_WRITES = (_CONFLICT, 413, 415)
_REFUSALS_OF_VERSIONS = (412, 428)

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_LINK = {"type": ["string", "null"], "format": "uri"}


def _object(properties: Mapping[str, _Schema], *, optional: tuple[str, ...] = ()) -> _Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


_PAGINATION = _object(
    {
        "page": _NUMBER,
        "page_size": _NUMBER,
        "total_items": _NUMBER,
        "total_pages": _NUMBER,
        "next": _LINK,
        "previous": _LINK,
    }
)
_META = {
    "request_id": {"type": "string", "format": "uuid"},
    "version": {"type": "string", "const": LATEST},
    "timestamp": {"type": "string", "format": "date-time"},
}
_FAULT = _object(
    {"pointer": _TEXT, "parameter": _TEXT, "header": _TEXT, "code": _TEXT, "detail": _TEXT},
    optional=("pointer", "parameter", "header"),
)
_COMPONENTS = {
    "Meta": _object(_META),
    "PageMeta": _object({**_META, "pagination": _PAGINATION}),
    "Problem": _object(
        {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": _NUMBER,
            "detail": _TEXT,
            "instance": {"type": "string", "format": "uri"},
            "success": {"type": "boolean", "const": False},
            "code": _TEXT,
            "request_id": {"type": "string", "format": "uuid"},
            "errors": {"type": "array", "items": _FAULT},
            "retry_after": {"type": "integer", "description": "Seconds."},
            "current_version": _NUMBER,
            "allowed_transitions": {"type": "array", "items": _TEXT},
            "orders": {"type": "array", "items": _NUMBER, "description": "Numbers of the orders that are open."},
            "available": {"type": "object", "additionalProperties": _NUMBER, "description": "Pieces by product id."},
            "total": {**_TEXT, "format": "decimal"},
            "quote": {"type": "object", "description": "What it would cost now, as a quote tells it."},
            "min_total": {**_TEXT, "format": "decimal"},
            "currency": _TEXT,
        },
        optional=(
            *("retry_after", "current_version", "allowed_transitions", "orders"),
            *("available", "total", "quote", "min_total", "currency"),
        ),
    ),
}


class EnvelopeAutoSchema(AutoSchema):
    """Documents a view as the wire has it.

    A viewset's ``if_match`` maps actions that read ``If-Match`` to whether explicit v2 requires it. Its ``early_reads``
    are actions whose answer there may not be yet: a conflict with how things stand. What its lists count with
    ``facets=1`` is documented by its ``facets_serializer_class``.
    """

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: Any,
    ) -> _Schema | None:
        """The operation with its refusals."""
        operation: _Schema | None = super().get_operation(path, path_regex, "^/api/v[0-9]+", method, registry)
        if operation is not None:
            for status in self._refusals():
                operation["responses"].setdefault(str(status), self._refusal(status))
        return operation

    def get_summary(self) -> str:
        """The first sentence of the description."""
        return str(super().get_summary() or self.get_description().partition(".")[0])

    def get_tags(self) -> list[str]:
        """The resource that the path begins with."""
        return [self.path.split("/")[3]]

    def get_auth(self) -> list[_Schema]:
        """The ways to sign in, with none among them where anybody may call."""
        schemes: list[_Schema] = [scheme for scheme in super().get_auth() if scheme]
        request = self.view.request
        request.user = AnonymousUser()
        is_open = all(permission.has_permission(request, self.view) for permission in self.view.get_permissions())
        return [*schemes, {}] if is_open else schemes

    def get_override_parameters(self) -> list[Any]:
        """The headers that the operation reads."""
        parameters = []
        if self._reads_key():
            is_required = self._action in getattr(self.view, "idempotency_required", ())
            schema = {"type": "string", "pattern": KEY_PATTERN}
            parameters.append(
                _header(IDEMPOTENCY_KEY, "One key, one effect; kept for 72 hours.", schema, is_required=is_required)
            )
        if self._action in self._if_match:
            detail = "The version that the caller acts on: the ETag of the last answer."
            parameters.append(_header("If-Match", detail, _TEXT, is_required=False))
        return parameters

    @property
    def _action(self) -> str:
        return str(getattr(self.view, "action", ""))

    @property
    def _if_match(self) -> Mapping[str, bool]:
        headers: Mapping[str, bool] = getattr(self.view, "if_match", {})
        return headers

    def _reads_key(self) -> bool:
        return self.method not in SAFE_METHODS and not getattr(self.view, "idempotency_exempt", False)

    def _refusals(self) -> list[int]:
        statuses = list(_REFUSALS_OF_READS)
        if self.method not in SAFE_METHODS:
            statuses += _REFUSALS_OF_WRITES
        elif self._action in getattr(self.view, "early_reads", ()):
            statuses.append(_CONFLICT)
        if self._action in self._if_match:
            statuses += _REFUSALS_OF_VERSIONS
        return sorted(statuses)

    def _resolve_path_parameters(self, variables: list[str]) -> list[_Schema]:
        """Ids of one kind have a type; what may be an id or a name is text."""
        if list(getattr(self.view, "lookup_fields", ["pk"])) == ["pk"]:
            return list(super()._resolve_path_parameters(variables))  # type: ignore[no-untyped-call]
        schema = {"type": "string", "minLength": 1}
        return [{"name": name, "in": "path", "required": True, "schema": schema} for name in variables]

    def _map_basic_serializer(self, serializer: Any, direction: str) -> _Schema:
        schema: _Schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        is_closed = direction == "request" and isinstance(serializer, Strict)
        return {**schema, **_rules_of(serializer), "additionalProperties": False} if is_closed else schema

    def _get_request_for_media_type(self, serializer: Any, direction: str = "request") -> tuple[Any, bool]:
        """Where one of several fields has to be there, so has the body; a change may say nothing at all."""
        schema, is_required = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        has_choice = "oneOf" in getattr(serializer, "schema_rules", ())
        return schema, is_required or (has_choice and not getattr(serializer, "partial", False))

    def _insert_field_validators(self, field: Any, schema: _Schema) -> None:
        """Where a text may not be blank, blanks alone do not make one."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        is_text = isinstance(field, fields.CharField) and field.trim_whitespace
        if is_text and not (field.allow_blank or field.read_only) and re.search(schema.get("pattern", ""), " "):
            seen = {"pattern": field.seen}
            schema |= {"allOf": [seen]} if "pattern" in schema else seen

    def _get_filter_parameters(self) -> list[_Schema]:
        """A filter without a value filters nothing."""
        parameters = super()._get_filter_parameters()  # type: ignore[no-untyped-call]
        return [{**parameter, "allowEmptyValue": True} for parameter in parameters]

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: str = "response"
    ) -> _Schema:
        answer: _Schema = super()._get_response_for_code(  # type: ignore[no-untyped-call]
            serializer, status_code, media_types, direction
        )
        body = answer.get("content", {}).get("application/json")
        if body is not None and status_code.startswith("2"):
            is_list = self._is_list_view(serializer)
            body["schema"] = self._enveloped(body["schema"], is_list=is_list, is_paged=is_list and self._is_paged())
        return answer

    def _is_paged(self) -> bool:
        return self._get_paginator() is not None  # type: ignore[no-untyped-call]

    def _enveloped(self, schema: _Schema, *, is_list: bool, is_paged: bool) -> _Schema:
        beside = self._beside() if is_list else {}
        if getattr(self.view, "documented_version", LATEST) == LATEST:
            meta = self._ref("PageMeta" if is_paged else "Meta")
            if beside:
                described: dict[str, _Schema] = {**_META, "pagination": _PAGINATION, **beside}
                meta = _object(described, optional=tuple(beside))
            return _object({"success": {"type": "boolean", "const": True}, "data": schema, "meta": meta})
        if is_list:
            listed: dict[str, _Schema] = {
                "count": _NUMBER,
                "next": _LINK,
                "previous": _LINK,
                "results": schema,
                **beside,
            }
            return _object(listed, optional=tuple(beside))
        return schema

    def _beside(self) -> dict[str, _Schema]:
        """What a list may say beside its rows: of its facets, and what was meant by a misspelt query."""
        serializer = getattr(self.view, "facets_serializer_class", None)
        facets = {"facets": dict(self.resolve_serializer(serializer(), "response").ref)} if serializer else {}
        corrects = getattr(self.view, "corrects_spelling", False)
        return {**facets, **({"corrected": {"type": "string"}} if corrects else {})}

    def _ref(self, name: str) -> _Schema:
        return self._component(name, ResolvedComponent.SCHEMA, _COMPONENTS[name])

    def _refusal(self, status: int) -> _Schema:
        content = {CONTENT_TYPE: {"schema": self._ref("Problem")}}
        phrase = HTTPStatus(status).phrase
        return self._component(
            "".join(phrase.split()), ResolvedComponent.RESPONSE, {"description": f"{phrase}.", "content": content}
        )

    def _component(self, name: str, kind: str, schema: _Schema) -> _Schema:
        component = ResolvedComponent(name, kind, schema=schema, object=name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return dict(component.ref)


class MoneyFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # registers itself
    """An amount: written as a string, read as a string or a number."""

    target_class = "fantasize.core.api.fields.MoneyField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> _Schema:
        """The schema of the amount."""
        field = self.target
        sign = "" if direction == "request" and field.min_value >= 0 else "-?"
        pattern = rf"^{sign}[0-9]{{1,{field.max_whole_digits}}}(\.[0-9]{{1,{field.decimal_places}}})?$"
        if not field.decimal_places:
            pattern = rf"^{sign}[0-9]{{1,{field.max_whole_digits}}}$"
        if direction == "request" and field.is_positive:
            pattern = rf"^(?!0+(\.0+)?$){pattern[1:]}"
        text = {"type": "string", "format": "decimal", "pattern": pattern}
        if direction == "response":
            return text
        number = {
            "exclusiveMinimum" if field.is_positive else "minimum": float(field.min_value),
            "maximum": 10**field.max_whole_digits - 1,
            "multipleOf": 10**-field.decimal_places,
        }
        return {**text, **number, "type": ["string", "number"]}


def _rules_of(serializer: Strict) -> _Schema:
    """What holds between fields; a change may say nothing of them."""
    rules = dict(serializer.schema_rules)
    if serializer.partial and "oneOf" in rules:
        unsaid: _Schema = {name: {"not": {}} for each in rules["oneOf"] for name in each["required"]}
        rules["oneOf"] = [*rules["oneOf"], {"properties": unsaid}]
    return rules


def _header(name: str, description: str, schema: _Schema, *, is_required: bool) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.HEADER, required=is_required, description=description)
