"""The catalogue's cached answers."""

from fantasize.core.caching import Namespace

products = Namespace("catalog.products")
