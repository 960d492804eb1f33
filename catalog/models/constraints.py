"""Rules that several tables share."""

from functools import reduce
from operator import or_

from django.db.models import Q


def exactly_one(*fields: str) -> Q:
    """That one of these columns is set, and the others are null."""
    return reduce(or_, (Q(**{f"{other}__isnull": other != field for other in fields}) for field in fields))
