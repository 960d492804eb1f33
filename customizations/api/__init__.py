"""Customizations over HTTP."""
