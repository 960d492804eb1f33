"""Accounts' viewsets."""
