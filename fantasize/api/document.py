"""The OpenAPI document, made from the code."""

import json
from functools import lru_cache
from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from fantasize.core.api.versioning import LATEST, ROUTES_PREFIX


class ShopSchemaGenerator(SchemaGenerator):
    """Documents the routes under the version asked for; the shapes differ, the routes do not."""

    documented_version = LATEST

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        """The view, told which version it is documented for."""
        view = super().create_view(callback, method, request)  # type: ignore[no-untyped-call]
        # The middleware negotiates versions: to the generator, routes have none.
        view.versioning_class = None
        view.documented_version = self.documented_version
        return view

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the base's signature
        """The whole document."""
        document: dict[str, Any] = super().get_schema(request=request, public=public)  # type: ignore[no-untyped-call]
        prefix = f"/api/{self.documented_version}"
        document["paths"] = {path.replace(ROUTES_PREFIX, prefix, 1): item for path, item in document["paths"].items()}
        return document


@lru_cache(maxsize=3)
def build_document(version: str = LATEST) -> dict[str, Any]:
    """The document of ``version``; made once per process."""
    generator = ShopSchemaGenerator()  # type: ignore[no-untyped-call]
    generator.documented_version = version
    return generator.get_schema(public=True)


def as_json(document: dict[str, Any]) -> bytes:
    """The document as JSON."""
    return json.dumps(document, ensure_ascii=False).encode()


def as_yaml(document: dict[str, Any]) -> bytes:
    """The document as YAML, the same bytes for the same document."""
    return bytes(OpenApiYamlRenderer().render(document, renderer_context={}))  # type: ignore[no-untyped-call]


def complaints() -> list[str]:
    """What the generator could not make out of the code so far in this process."""
    return [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]  # noqa: SLF001 - it has no other interface
