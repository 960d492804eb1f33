"""Representations and input of the catalogue."""
