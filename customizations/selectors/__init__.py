"""Reads of templates and uploads."""
