"""The one renderer: preview, proof and print file are the same pixels.

The same schema, answers, assets and ``RENDERER_VERSION`` make the same bytes, on any number of processes and machines
that run the pinned image library. Pure: no Django, no database, no clock.
"""

from customizations.rendering.errors import RenderError
from customizations.rendering.files import DPI, PreviewFormat, pdf, preview
from customizations.rendering.proof import RENDERER_VERSION, Rendered, check_text, is_smallest, render, render_preview
from customizations.rendering.typefaces import FONTS, RETIRED, Typeface, UnavailableError

__all__ = [
    "DPI",
    "FONTS",
    "RENDERER_VERSION",
    "RETIRED",
    "PreviewFormat",
    "RenderError",
    "Rendered",
    "Typeface",
    "UnavailableError",
    "check_text",
    "is_smallest",
    "pdf",
    "preview",
    "render",
    "render_preview",
]
