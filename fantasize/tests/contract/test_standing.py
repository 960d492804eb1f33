"""What begins anew for each case does, and what is kept for all of them is what would be found out anew."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from catalog.models import Tag
from fantasize.tests.contract.standing import Mark
from fantasize.tests.contract.test_schemathesis import operations, schema

pytestmark = pytest.mark.django_db

LABELS = ("POST /api/v2/orders", "POST /api/v2/customizations/preview", "GET /api/v2/brands")
PHASES = ("coverage", "fuzzing", "stateful", None)


def make_tag() -> None:
    """One tag, and something to be done about it afterwards."""
    Tag.objects.create(name="Oak", slug="oak")
    transaction.on_commit(lambda: None)


def test_what_happened_after_a_mark_is_undone_every_time() -> None:
    mark = Mark()
    for _ in range(2):
        with mark.undone():
            make_tag()
            assert Tag.objects.count() == 1
        assert (Tag.objects.count(), connection.run_on_commit) == (0, [])


def break_in_the_database() -> None:
    make_tag()
    connection.cursor().execute("SELECT 1 / 0")


def break_in_a_block() -> None:
    with transaction.atomic(savepoint=False):
        make_tag()
        int("oak")


@pytest.mark.parametrize(("fails", "error"), [(break_in_the_database, DatabaseError), (break_in_a_block, ValueError)])
def test_so_is_what_broke_the_transaction(fails: Callable[[], None], error: type[Exception]) -> None:
    mark = Mark()
    with pytest.raises(error), mark.undone():
        fails()
    assert not Tag.objects.exists()


@pytest.mark.parametrize("label", LABELS)
def test_what_is_kept_of_the_settings_is_what_is_gathered(label: str) -> None:
    config, operation = schema().config, operations()[label]
    gather = type(config).checks_config_for
    for phase in PHASES:
        for _ in range(2):
            kept = config.checks_config_for(operation=operation, phase=phase)
            assert kept == gather(config, operation=operation, phase=phase)
