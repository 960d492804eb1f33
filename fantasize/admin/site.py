"""The admin site."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import URLPattern, path, resolve
from django.utils.functional import SimpleLazyObject
from django.views.decorators.common import no_append_slash
from unfold.sites import UnfoldAdminSite

from fantasize.admin import addresses, login, pages, passwords, people, second_factor, security, sign_ins


class ShopAdminSite(UnfoldAdminSite):
    """Where staff run the shop."""

    index_title = "Dashboard"
    empty_value_display = "\N{EN DASH}"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether any page but those around signing in opens: the one gate of the whole admin."""
        return sign_ins.is_complete(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002 - Django's signature
        """The view for staff only, with what the theme needs of the browser."""
        return pages.relaxed(super().admin_view(view, cacheable))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """What may be looked after, put together once somebody looks: every page asks for it, hardly any shows it."""
        return SimpleLazyObject(lambda: super(ShopAdminSite, self).get_app_list(request, app_label))

    def extra_urls(self) -> list[URLPattern]:
        """The pages around signing in, in place of Django's own, and erasure; each says itself whom it opens to."""
        return [
            path("login/", login.LoginPage.as_view(), name="login"),
            path("login/passkey/", login.PasskeyLogin.as_view(), name="passkey_login"),
            path("login/passkey/options/", login.PasskeyOptions.as_view(), name="passkey_login_options"),
            path("login/second-step/", login.SecondStepPage.as_view(), name="second_step"),
            path("login/second-step/passkey/", login.SecondStepPasskey.as_view(), name="second_step_passkey"),
            path("login/second-step/passkey/options/", login.SecondStepOptions.as_view(), name="second_step_options"),
            path("login/forgot-password/", passwords.ForgotPasswordPage.as_view(), name="forgot_password"),
            path("login/new-password/", passwords.NewPasswordPage.as_view(), name="new_password"),
            path("login/confirm-address/", addresses.ConfirmAddressPage.as_view(), name="confirm_address"),
            path("logout/", login.LogoutPage.as_view(), name="logout"),
            path("password_change/", passwords.PasswordChangePage.as_view(), name="password_change"),
            path("second-factor/", second_factor.SecurityPage.as_view(), name="second_factor"),
            path("second-factor/confirm/", security.ConfirmPage.as_view(), name="confirm"),
            path("second-factor/app/", second_factor.AddAppPage.as_view(), name="add_app"),
            path("second-factor/app/remove/", second_factor.RemoveApp.as_view(), name="remove_app"),
            path("second-factor/passkeys/add/", second_factor.AddPasskeyPage.as_view(), name="add_passkey"),
            path(
                "second-factor/passkeys/add/options/",
                second_factor.AddPasskeyOptions.as_view(),
                name="add_passkey_options",
            ),
            path(
                "second-factor/passkeys/<int:passkey_id>/remove/",
                second_factor.RemovePasskey.as_view(),
                name="remove_passkey",
            ),
            path("second-factor/recovery-codes/", second_factor.RenewRecoveryCodes.as_view(), name="recovery_codes"),
            path("second-factor/sign-ins/end-others/", security.EndOtherSignIns.as_view(), name="end_other_sign_ins"),
            path("second-factor/sign-ins/<uuid:session_id>/end/", security.EndSignIn.as_view(), name="end_sign_in"),
            path("accounts/user/<uuid:user_id>/erase/", people.ErasePage.as_view(), name="erase_user"),
        ]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """What a box offers for what is typed; a text that no database could look for (NUL) finds nothing."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            return JsonResponse({"results": [], "pagination": {"more": False}})
        answer: HttpResponse = super().autocomplete_view(request)
        return answer

    @no_append_slash
    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        """Lead an address without its closing slash to its page: ``APPEND_SLASH`` is off for the sake of the API.

        Raises:
            Http404: there is no such page.
        """
        if not url.endswith("/"):
            page = resolve(f"{request.path_info}/").func
            if getattr(page, "should_append_slash", True):
                return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        raise Http404
