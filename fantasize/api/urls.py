"""Routes of the API, its document and its documentation."""

from django.urls import include, path, re_path

from fantasize.api import views
from fantasize.api.routers import build_router
from fantasize.core.api.versioning import ROUTES_PREFIX

_PREFIX = ROUTES_PREFIX.lstrip("/")

urlpatterns = [
    path(f"{_PREFIX}/", include(build_router().urls)),
    path(f"{_PREFIX}/schema", views.schema, name="schema"),
    re_path(r"^api-docs/?$", views.docs, name="api-docs"),
    re_path(r"^api-docs/errors/?$", views.errors, name="api-errors"),
]
