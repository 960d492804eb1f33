"""The endpoints of customizations."""
