from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import Case
from django.core import signals
from django.db import close_old_connections, transaction
from schemathesis.config import SchemathesisConfig

from accounts.tests.factories import make_user
from fantasize.tests.client import access_token
from fantasize.wsgi import application

pytestmark = pytest.mark.django_db

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "generation": {"deterministic": True, "max-examples": 10, "no-shrink": True},
    }
)
schema = schemathesis.openapi.from_wsgi("/api/v2/schema?format=json", application, config=CONFIG)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@schema.parametrize()
@pytest.mark.parametrize("role", ["", "customer", "manager"])
def test_x(case: Case, role: str) -> None:
    with transaction.atomic():
        headers = {}
        if role:
            headers["Authorization"] = f"Bearer {access_token(make_user(role=role))}"
        case.call_and_validate(headers=headers)
        transaction.set_rollback(True)
