"""People in the admin: accounts, roles, keys for programs, and where somebody is signed in."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from rest_framework_api_key.models import APIKey

from accounts.admin.api_key import ApiKeyAdmin
from accounts.admin.role import RoleAdmin
from accounts.admin.session import SessionAdmin
from accounts.admin.user import UserAdmin

__all__ = ["ApiKeyAdmin", "RoleAdmin", "SessionAdmin", "UserAdmin"]

# Their own pages would show secrets, or change by hand what only services may.
for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, APIKey):
    admin.site.unregister(model)
