"""Whom Google, Facebook and Firebase say somebody is."""

from accounts.auth.social.adapter import SocialAdapter
from accounts.auth.social.identity import Credential, Identity
from accounts.auth.social.providers import verify

__all__ = ["Credential", "Identity", "SocialAdapter", "verify"]
