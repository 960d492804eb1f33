"""What the demonstration shop's gifts look like."""

from io import BytesIO

from PIL import Image

from orders.services import demo_pictures, demo_words
from orders.services.demo_catalogue import gifts_by_category

COARSE = 0.1


def test_every_gift_and_package_has_a_picture() -> None:
    gifts = {gift.name for shelf in gifts_by_category().values() for gift in shelf}
    assert set(demo_pictures.names()) == gifts
    assert {name for bundle in demo_words.PACKAGES for name in bundle.parts} <= gifts
    drawn = {demo_pictures.draw(name, scale=COARSE) for name in gifts}
    assert len(drawn) == len(gifts)
    for content in drawn:
        image = Image.open(BytesIO(content))
        assert (image.format, image.size) == ("JPEG", (1000, 1000))


def test_a_gift_always_looks_the_same() -> None:
    assert demo_pictures.draw("Bedtime Bunny") == demo_pictures.draw("Bedtime Bunny")
    parts = ["Bedtime Bunny", "Birthday Train"]
    together = demo_pictures.draw_together("Two", parts, scale=COARSE)
    assert together == demo_pictures.draw_together("Two", parts, scale=COARSE)
    assert together != demo_pictures.draw_together("Two", [*parts, "Garden Sundial"], scale=COARSE)
