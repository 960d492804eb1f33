"""The OpenAPI document, made from the code."""

import json
from functools import cache, lru_cache
from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from fantasize.api import security  # noqa: F401 - importing it tells the document of our ways of signing in
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


def build_document(version: str = LATEST) -> dict[str, Any]:
    """The document of ``version``; made once per process."""
    return _built(version)[0]


def complaints() -> list[str]:
    """What the generator could not make out of the code."""
    return _built(LATEST)[1]


@lru_cache(maxsize=3)
def _built(version: str) -> tuple[dict[str, Any], list[str]]:
    """The document of ``version``, and what its generator complained of."""
    generator = ShopSchemaGenerator()  # type: ignore[no-untyped-call]
    generator.documented_version = version
    GENERATOR_STATS.reset()
    document = generator.get_schema(public=True)
    return document, [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]  # noqa: SLF001 - it has no other interface


@cache
def as_json(version: str) -> bytes:
    """The document of ``version`` as JSON; written once per process."""
    return json.dumps(build_document(version), ensure_ascii=False).encode()


@cache
def as_yaml(version: str) -> bytes:
    """The document of ``version`` as YAML, the same bytes for the same code; written once per process."""
    return bytes(OpenApiYamlRenderer().render(build_document(version), renderer_context={}))  # type: ignore[no-untyped-call]
