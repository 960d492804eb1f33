import ast
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from fantasize.api.errors_page import list_problem_types

pytestmark = pytest.mark.django_db

PACKAGES = ("fantasize", "accounts", "catalog", "customizations", "orders", "notifications", "realtime")


def raised_codes() -> Iterator[str]:
    """Every code that an error of ours may have: as a class says it, or as it is said where it is raised."""
    for package in PACKAGES:
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            source = "" if "tests" in path.parts else path.read_text()
            if "Error" in source and "code" in source:
                yield from _codes_in(source)


def _codes_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            for line in node.body:
                target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                value = getattr(line, "value", None)
                if isinstance(target, ast.Name) and target.id == "code" and isinstance(value, ast.Constant):
                    yield str(value.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
            for keyword in node.keywords:
                is_ours = node.func.id != "ValidationError" and keyword.arg == "code"
                if is_ours and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


def test_every_code_is_explained() -> None:
    explained = {problem_type.code for problem_type in list_problem_types()}
    assert set(raised_codes()) <= explained
    assert {"idempotency_key_missing", "idempotency_key_malformed", "malformed_json"} <= explained
    assert all(problem_type.paragraphs for problem_type in list_problem_types())


@pytest.mark.parametrize("path", ["/api-docs/errors", "/api-docs/errors/"])
def test_the_type_of_a_problem_leads_to_its_explanation(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    problem = client.get("/api/nothing").json()
    fragment = problem["type"].rpartition("#")[2]
    assert f'id="{fragment}"' in page


@pytest.mark.parametrize("path", ["/api-docs", "/api-docs/"])
def test_the_docs_page_needs_nothing_from_elsewhere_and_no_inline_script(client: Client, path: str) -> None:
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>([^<]*)", page)
    assert scripts
    assert all("src=" in attributes and not inline.strip() for attributes, inline in scripts)
    assert not re.findall(r"\son[a-z]+=|style=", page)
    for url in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert url.startswith(settings.STATIC_URL)
        assert finders.find(url.removeprefix(settings.STATIC_URL))


def test_the_front_door_leads_to_the_docs(client: Client) -> None:
    assert client.get("/")["Location"] == "/api-docs"
    assert client.get("/admin")["Location"] == "/admin/"
