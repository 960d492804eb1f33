"""``services`` and ``prepare``."""
