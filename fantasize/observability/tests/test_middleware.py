import logging
import uuid

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def access_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "access"]


def test_every_answer_bears_its_id_and_has_a_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    request_id = str(uuid.uuid4())
    with caplog.at_level(logging.INFO, logger="access"):
        response = client.get("/health/live", headers={"X-Request-ID": request_id.upper()})
    assert response["X-Request-ID"] == request_id
    (line,) = access_lines(caplog)
    for part in (request_id, "'GET'", "'/health/live'", "200", "duration_ms"):
        assert part in line


def test_the_line_holds_no_query_and_cannot_be_forged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="access"):
        client.get("/nowhere%0d%0aGET /forged 200?token=canary", headers={"Authorization": "Bearer canary"})
    (line,) = access_lines(caplog)
    assert "canary" not in line
    assert "/nowhere%0D%0AGET%20/forged%20200" in line
    assert "\n" not in line


def test_a_line_tells_what_was_asked_for_not_what_it_was_rewritten_to(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="access"):
        client.get("/products/")
    assert "'/products/'" in access_lines(caplog)[0]
