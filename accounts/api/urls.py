"""Routes of accounts."""

from rest_framework.routers import BaseRouter

from accounts.api.viewsets.people import AddressViewSet, ProfileViewSet, SessionViewSet
from accounts.api.viewsets.sign_in import AuthViewSet, SignUpViewSet


def register(router: BaseRouter) -> None:
    """Tell ``router`` our viewsets; ``users`` holds one's own things and the earlier system's doors."""
    router.register("auth", AuthViewSet, basename="auth")
    router.register("users/addresses", AddressViewSet, basename="address")
    router.register("users/sessions", SessionViewSet, basename="session")
    router.register("users", ProfileViewSet, basename="profile")
    router.register("users", SignUpViewSet, basename="signup")
