"""What the description of something sold may look like."""

import nh3

# Text with its structure: nothing that loads, runs, styles or covers anything.
_TEXT = ("a", "b", "br", "code", "em", "i", "s", "small", "strong", "sub", "sup", "u")
_BLOCKS = ("blockquote", "dd", "dl", "dt", "h2", "h3", "h4", "hr", "li", "ol", "p", "ul")
_TABLES = ("caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr")
TAGS = frozenset({*_TEXT, *_BLOCKS, *_TABLES})
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
SCHEMES = frozenset({"http", "https", "mailto"})


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    url_schemes=set(SCHEMES),
    link_rel="nofollow noopener noreferrer",
    clean_content_tags={"script", "style"},
)


def clean(html: str) -> str:
    """The HTML with only what is on the lists; links tell search engines and the other side nothing of us."""
    return _CLEANER.clean(html)
