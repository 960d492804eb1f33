"""Routes of accounts."""

from rest_framework.routers import BaseRouter

from accounts.api.viewsets.avatars import AvatarViewSet
from accounts.api.viewsets.codes import CodeViewSet, ProofViewSet
from accounts.api.viewsets.mfa import SecondFactorViewSet, SecondStepViewSet
from accounts.api.viewsets.passkeys import PasskeyViewSet
from accounts.api.viewsets.people import AddressViewSet, ProfileViewSet, SessionViewSet
from accounts.api.viewsets.sign_in import AuthViewSet, SignUpViewSet
from accounts.api.viewsets.social import SocialAccountViewSet, SocialSignInViewSet
from accounts.api.viewsets.users import UserViewSet


def register(router: BaseRouter) -> None:
    """Tell ``router`` our viewsets; ``users`` holds one's own things and the earlier system's doors."""
    router.register("auth", AuthViewSet, basename="auth")
    router.register("auth", CodeViewSet, basename="code")
    router.register("auth", ProofViewSet, basename="proof")
    router.register("auth", SecondStepViewSet, basename="second-step")
    router.register("auth", SecondFactorViewSet, basename="second-factor")
    router.register("auth/mfa/passkeys", PasskeyViewSet, basename="passkey")
    router.register("auth", SocialSignInViewSet, basename="social-sign-in")
    router.register("users/social", SocialAccountViewSet, basename="social-account")
    router.register("users/addresses", AddressViewSet, basename="address")
    router.register("users/sessions", SessionViewSet, basename="session")
    router.register("users", ProfileViewSet, basename="profile")
    router.register("users", AvatarViewSet, basename="avatar")
    router.register("users", SignUpViewSet, basename="signup")
    router.register("admin/users", UserViewSet, basename="user")
