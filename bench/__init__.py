"""Measurements of the real thing: ``python -m bench`` prints a table and writes ``var/bench/*.json``."""
