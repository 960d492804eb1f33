"""Routes of health and instance pages, with and without a trailing slash."""

from django.urls import re_path

from fantasize.observability import views

urlpatterns = [
    re_path(r"^health/?$", views.health, name="health"),
    re_path(r"^health/ready/?$", views.ready, name="health-ready"),
    re_path(r"^health/live/?$", views.live, name="health-live"),
    re_path(r"^instance-info/?$", views.instance_info, name="instance-info"),
]
