"""How allauth talks to Google and Facebook for us."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class SocialAdapter(DefaultSocialAccountAdapter):
    """Signs nobody in by itself: allauth only says whom a provider vouches for."""
