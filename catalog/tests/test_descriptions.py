"""Descriptions: what is on the list stays, everything else goes."""

import pytest

from catalog.services.descriptions import clean


@pytest.mark.parametrize(
    "html",
    [
        "",
        "Plain text, 3 &lt; 4",
        "<p>Solid <strong>oak</strong>, <em>oiled</em>.<br>Two sizes.</p>",
        "<h2>Care</h2><ul><li>Wipe</li></ul><ol><li>Dry</li></ol><hr>",
        '<table><thead><tr><th scope="col">Size</th></tr></thead></table>',
        '<table><tbody><tr><td colspan="2">12 cm</td></tr></tbody></table>',
        "<blockquote>Lovely.</blockquote>",
    ],
)
def test_text_with_its_structure_stays(html: str) -> None:
    assert clean(html) == html


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<b>Oak</b><script>x</script>", "<b>Oak</b>"),
        ("<p onclick='x()' style='position:fixed' class='a' id='b'>Fine</p>", "<p>Fine</p>"),
        ("<style>body{display:none}</style>Text", "Text"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<iframe src='https://evil.example'></iframe>", ""),
        ("<form action='/x'><input name=a><button>Go</button></form>", "Go"),
        ("<svg><script>x</script></svg>", ""),
        ("<object data='x'></object><embed src='x'>", ""),
        ("<a href='javascript:x()'>a</a>", '<a rel="nofollow noopener noreferrer">a</a>'),
        ("<a href='data:text/html,x'>a</a>", '<a rel="nofollow noopener noreferrer">a</a>'),
        (
            "<a href='https://example.com' target='_blank'>a</a>",
            '<a href="https://example.com" rel="nofollow noopener noreferrer">a</a>',
        ),
        ("<p>Not closed", "<p>Not closed</p>"),
        ("<!-- hidden -->Seen", "Seen"),
    ],
)
def test_everything_else_goes(html: str, cleaned: str) -> None:
    assert clean(html) == cleaned


def test_cleaning_twice_changes_nothing_more() -> None:
    once = clean("<p>a<a href='https://example.com/?a=1&b=2'>b</a><math><mi>x</mi></math></p>")
    assert clean(once) == once
