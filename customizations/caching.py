"""What of customizations is kept, and what makes it stale."""

from django.conf import settings

from catalog.caching import products, stock
from fantasize.core.caching import CachePolicy, Namespace
from fantasize.core.caching.changes import changes
from fantasize.core.caching.storage import Store

# Everything that staff write here: templates, what they are for, presets.
templates = Namespace("customizations.templates")

# What is left of a choice is shown too; and of a thing that is hidden, nothing.
TEMPLATES = CachePolicy((templates, products, stock), settings.CACHE_TTL_PRODUCTS)

# Drawn previews: apart from the answers, which would be pushed out of memory by whoever types. A preview is known by
# everything that it shows, so that nothing makes it stale; it is fetched within a moment, or asked for again.
previews = Store(changes, 16_000_000)
PREVIEW_SECONDS = 300
