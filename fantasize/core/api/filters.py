"""Filters of lists: what they do not understand they refuse."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters import Filter, IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from fantasize.core.api.parsers import is_text
from fantasize.core.api.problems import shorten
from fantasize.core.api.versioning import PARAMETER
from fantasize.core.errors import FieldError, InvalidError


class _TrueOrFalse(forms.TypedChoiceField):
    """``true`` or ``false``."""

    def __init__(self, **kwargs: Any) -> None:
        spellings = [("true", "true"), ("false", "false")]
        super().__init__(choices=spellings, coerce=lambda text: text == "true", empty_value=None, **kwargs)


class BooleanFilter(Filter):
    """``true`` or ``false``; django-filter's own takes everything else for nothing."""

    field_class = _TrueOrFalse


class _Moment(IsoDateTimeField):
    """A moment; PostgreSQL knows fewer offsets than ISO 8601, so it comes in UTC."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError("This moment is out of range.", code="out_of_range") from None


class DateTimeFilter(IsoDateTimeFilter):
    """A moment in ISO 8601 (RFC 3339)."""

    field_class = _Moment


class QueryFilterBackend(DjangoFilterBackend):
    """django-filter, whose refusals name the query parameter."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that the view's ``filterset_class`` lets through.

        Raises:
            InvalidError: a parameter has an impossible value.
        """
        filterset = self.valid_filterset(request, queryset, view)
        return queryset if filterset is None else filterset.qs

    def valid_filterset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> Any:
        """The view's ``filterset_class`` with what the query says; None if it has none.

        Raises:
            InvalidError: a parameter has an impossible value.
        """
        filterset = self.get_filterset(request, queryset, view)
        if filterset is not None and not filterset.is_valid():
            raise InvalidError("The query is not valid.", errors=list(_form_errors(filterset.form)))
        return filterset


def _form_errors(form: Any) -> Iterable[FieldError]:
    for name, errors in form.errors.as_data().items():
        for error in errors:
            yield FieldError(name, error.code or "invalid", shorten(" ".join(error.messages)), "parameter")


def require_text(request: Request) -> None:
    """Refuse query strings with characters that are no text.

    Raises:
        InvalidError: a parameter's name or value holds a NUL.
    """
    errors = [
        FieldError(shorten(name), "invalid_character", "NUL is no text.", "parameter")
        for name, values in request.query_params.lists()
        if not all(is_text(text) for text in (name, *values))
    ]
    if errors:
        raise InvalidError("The query is not valid.", errors=errors)


def require_known(request: Request, known: Iterable[str]) -> None:
    """Refuse query parameters that the call does not read.

    Raises:
        InvalidError: naming each of them.
    """
    unknown = set(request.query_params) - {PARAMETER, *known}
    errors = [
        FieldError(shorten(name), "unknown_parameter", "There is no such parameter.", "parameter")
        for name in sorted(unknown)
    ]
    if errors:
        raise InvalidError("The query is not valid.", errors=errors)
