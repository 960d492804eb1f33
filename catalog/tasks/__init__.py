"""The catalogue's background work, one module per topic; what is imported here is what the worker knows."""

from catalog.tasks import media, prices, search

__all__ = ["media", "prices", "search"]
