"""How a product or a package stands in a list: its picture, its name, its SKU."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.media_panel import preview_url
from catalog.models import Package, Product

_HUES = 360
_PICTURE = '<img class="fz-media-thumb" src="{}" alt="" loading="lazy">'
_LETTER = '<span class="fz-thumb" style="--hue:{}" aria-hidden="true">{}</span>'
_TILE = '<span class="fz-product">{}<span class="fz-two"><span>{}</span><small>{}</small></span></span>'


def tile(thing: Product | Package) -> SafeString:
    """A row's first picture, or a letter in its category's colour; it was read with ``selectors.media.with_media``."""
    return format_html(_TILE, _picture(thing), thing.name, thing.sku)


def _picture(thing: Product | Package) -> SafeString:
    addresses = (preview_url(row, "thumb") for row in getattr(thing, "ready_media", ()))
    if address := next(filter(None, addresses), ""):
        return format_html(_PICTURE, address)
    return format_html(_LETTER, (thing.category_id or 0) * 47 % _HUES, thing.name[:1].upper())
