"""Forgetting somebody, by staff."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from accounts import policies
from accounts.models import User
from accounts.services import erasure
from fantasize.admin import pages
from fantasize.admin.forms import ErasureForm
from fantasize.admin.second_factor import Fresh
from fantasize.core.errors import InvalidError


class ErasePage(Fresh, pages.FormPage):
    """Says what goes and what stays, and asks for the person's e-mail address before anything happens."""

    title = "Erase an account"
    template_name = "admin/accounts/user/erase.html"
    form_class = ErasureForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the way to where whoever may have it forgotten has to go first.

        Raises:
            PermissionDenied: the caller may not, or it is their own account.
            Http404: there is nobody.
        """
        if not admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:login"))
        if not policies.can_manage_users(request.user):
            raise PermissionDenied
        if not policies.can_erase_user(request.user, self.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def user(self) -> User:
        """Whom it is about."""
        user: User | None = User.objects.filter(pk=self.kwargs["user_id"]).first()
        if user is None:
            raise Http404
        return user

    def accept(self, *, email: str) -> HttpResponse:
        """Forget them; the history of the admin says who did it, as the event does.

        Raises:
            InvalidError: this is not the person's address.
            DomainError: whatever the service refuses.
        """
        if email.lower() != self.user.email:
            raise InvalidError.at("/email", "This is not the account's e-mail address.")
        erasure.erase_for(actor=self.person, user=self.user)
        self.user.refresh_from_db()
        LogEntry.objects.log_actions(self.person.pk, [self.user], DELETION, change_message="Erased.")
        messages.success(self.request, "The account is erased.")
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[self.user.pk]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and whom it is about."""
        return super().get_context_data(user_to_erase=self.user, **kwargs)
