"""List filters."""

from datetime import datetime, time, timedelta

from django.db.models import Model, QuerySet
from django.forms import DateField, ValidationError
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateFilter


class DaysFilter(RangeDateFilter):
    """Rows of the days from ... to ..., both included, for a date-time field.

    A day that cannot be read does not filter.
    """

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:  # noqa: ARG002 - Django's signature
        """The rows of those days."""
        first, last = self._midnight("from"), self._midnight("to")
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": first})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": last + timedelta(days=1)})
        return queryset

    def _midnight(self, end: str) -> datetime | None:
        """The beginning of the day that was asked for."""
        try:
            day = DateField(required=False).clean(self.used_parameters.get(f"{self.parameter_name}_{end}"))
        except ValidationError:
            return None
        return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None
