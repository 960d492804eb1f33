"""Writes of templates and uploads, and what answers come to."""
