"""What lists of people can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import User
from fantasize.core.api.filters import BooleanFilter


class UserFilter(django_filters.FilterSet):
    """Filters of ``GET /admin/users``."""

    q = django_filters.CharFilter(
        method="filter_search", label="The beginning of an e-mail address, or a whole username."
    )
    role = django_filters.ChoiceFilter(choices=Role.choices, method="filter_role")
    is_active = BooleanFilter()

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def filter_search(self, queryset: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """By e-mail address or username."""
        found: QuerySet[User] = queryset & User.objects.found_by(value)
        return found

    def filter_role(self, queryset: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """By what somebody is to the shop."""
        found: QuerySet[User] = queryset & User.objects.having(Role(value))
        return found
