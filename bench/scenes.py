"""Pictures of products and a photo, drawn from fixed seeds: what example proofs are made on."""

import random
from collections.abc import Callable, Sequence
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

SIDE = 1200
# Everything is drawn at twice its size.
_TWICE = 2 * SIDE

Box = tuple[int, int, int, int]


def png(image: Image.Image) -> bytes:
    """A background's file."""
    content = BytesIO()
    image.reduce(2).save(content, "PNG", compress_level=1)
    return content.getvalue()


def photo() -> bytes:
    """Somebody's photo: an evening by the lake, 3000 x 2250 pixels."""
    width, height = 1500, 1125
    image = _gradient((width, height), "#2f3e6b", "#f6a65b")
    pen = ImageDraw.Draw(image)
    pen.ellipse((690, 430, 890, 630), fill="#fff0c9")
    for top, colour, seed in ((560, "#7b6a86", 3), (640, "#54506f", 5)):
        pen.polygon(_hills(width, height, top, seed), fill=colour)
    lake = ImageOps.flip(image.crop((0, 590, width, 720))).resize((width, 405))
    image.paste(ImageChops.multiply(lake, Image.new("RGB", lake.size, "#a9b4d8")), (0, 720))
    for x, tall in ((600, 360), (760, 330)):
        _person(pen, x, 1060, tall)
    pen.rectangle((0, 1055, width, height), fill="#1d1a2b")
    content = BytesIO()
    image.filter(ImageFilter.GaussianBlur(1)).resize((3000, 2250)).save(content, "JPEG", quality=90)
    return content.getvalue()


def mug() -> Image.Image:
    """A white mug on a table."""
    image = _gradient((_TWICE, _TWICE), "#f3efe9", "#d9cfc2")
    ImageDraw.Draw(image).rectangle((0, 1900, _TWICE, _TWICE), fill="#cdbfae")
    _shadow(image, lambda pen: pen.ellipse((380, 1900, 2000, 2120), fill=150), 60)
    pen = ImageDraw.Draw(image)
    pen.ellipse((1560, 820, 2220, 1620), fill="#e9e6e2")
    pen.ellipse((1680, 950, 2080, 1490), fill="#ddd5ca")
    body = Image.new("L", image.size)
    outline = ImageDraw.Draw(body)
    outline.rectangle((420, 500, 1800, 1880), fill=255)
    outline.ellipse((420, 1740, 1800, 2020), fill=255)
    shade = Image.new("RGB", (9, 1))
    shade.putdata([(value, value, value) for value in (196, 226, 244, 251, 252, 252, 248, 232, 200)])
    image.paste(shade.resize((1380, 1700), Image.Resampling.BICUBIC), (420, 400), body.crop((420, 400, 1800, 2100)))
    pen.ellipse((420, 370, 1800, 640), fill="#f8f7f5")
    pen.ellipse((470, 400, 1750, 612), fill="#b9ada0")
    return image


def board() -> Image.Image:
    """A wooden board with a hole for its cord."""
    image = _gradient((_TWICE, _TWICE), "#eef0ee", "#d7dbd6")
    frame = (260, 520, 2140, 1880)
    _shadow(image, lambda pen: pen.rounded_rectangle(_moved(frame, 30), 180, fill=140), 40)
    shape = Image.new("L", image.size)
    pen = ImageDraw.Draw(shape)
    pen.rounded_rectangle(frame, 180, fill=255)
    pen.ellipse((1140, 580, 1260, 700), fill=0)
    image.paste(_wood(image.size, "#7d4f27", "#d3a468"), mask=shape)
    return image


def necklace() -> Image.Image:
    """A plate of silver on a chain, on dark cloth; gold is made of it by a tint."""
    image = _gradient((_TWICE, _TWICE), "#23252c", "#101116")
    pen = ImageDraw.Draw(image)
    for side in (-1, 1):
        for step in range(46):
            x = 1200 + side * (620 + step * 11 + step * step // 9)
            y = 1190 - step * 24 - step * step // 7
            pen.ellipse((x - 15, y - 15, x + 15, y + 15), outline="#e9e9ec", width=7)
    frame = (580, 1080, 1820, 1400)
    _shadow(image, lambda each: each.rounded_rectangle(_moved(frame, 26), 110, fill=200), 30)
    metal = Image.new("RGB", (1, 7))
    metal.putdata([(value, value, value) for value in (252, 240, 222, 236, 250, 232, 206)])
    shape = Image.new("L", image.size)
    ImageDraw.Draw(shape).rounded_rectangle(frame, 110, fill=255)
    for x in (650, 1750):
        ImageDraw.Draw(shape).ellipse((x - 26, 1166, x + 26, 1218), fill=0)
    image.paste(metal.resize((1240, 320), Image.Resampling.BICUBIC), (580, 1080), shape.crop(frame))
    return image


def card() -> Image.Image:
    """A card of laid paper."""
    image = _gradient((_TWICE, _TWICE), "#dfe5e8", "#c5ced3")
    frame = (300, 120, 2100, 2280)
    _shadow(image, lambda pen: pen.rectangle(_moved(frame, 24), fill=130), 30)
    paper = _wood((1800, 2160), "#f6f0e2", "#fffaf0")
    pen = ImageDraw.Draw(paper)
    pen.rectangle((50, 50, 1749, 2109), outline="#c9a86a", width=5)
    image.paste(paper, frame[:2])
    return image


def slate() -> Image.Image:
    """A round coaster of slate."""
    image = _gradient((_TWICE, _TWICE), "#efe9e1", "#d8cec1")
    frame = (180, 180, 2220, 2220)
    _shadow(image, lambda pen: pen.ellipse(_moved(frame, 30), fill=150), 40)
    shape = Image.new("L", image.size)
    ImageDraw.Draw(shape).ellipse(frame, fill=255)
    image.paste(_wood(image.size, "#26292d", "#3d4247"), mask=shape)
    return image


def _gradient(size: tuple[int, int], top: str, bottom: str) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    return ImageOps.colorize(ramp, top, bottom)


def _shadow(image: Image.Image, draw: Callable[[ImageDraw.ImageDraw], None], blur: int) -> None:
    shape = Image.new("L", image.size)
    draw(ImageDraw.Draw(shape))
    image.paste("#000000", mask=shape.filter(ImageFilter.GaussianBlur(blur)).point([n // 2 for n in range(256)]))


def _moved(box: Box, down: int) -> Box:
    left, top, right, bottom = box
    return left + down // 2, top + down, right + down // 2, bottom + down


def _wood(size: tuple[int, int], dark: str, light: str) -> Image.Image:
    """Long grain between two colours."""
    chance = random.Random(7)
    fine = Image.frombytes("L", (6, 400), chance.randbytes(2400)).resize(size, Image.Resampling.BICUBIC)
    broad = Image.frombytes("L", (4, 24), chance.randbytes(96)).resize(size, Image.Resampling.BICUBIC)
    return ImageOps.colorize(ImageOps.autocontrast(Image.blend(broad, fine, 0.4)), dark, light)


def _hills(width: int, height: int, top: int, seed: int) -> Sequence[tuple[int, int]]:
    chance = random.Random(seed)
    ridge = [(x, top + chance.randrange(-45, 45)) for x in range(0, width + 150, 150)]
    return [(0, height), *ridge, (width, height)]


def _person(pen: ImageDraw.ImageDraw, x: int, ground: int, tall: int) -> None:
    head = tall // 5
    pen.ellipse((x - head // 2, ground - tall, x + head // 2, ground - tall + head), fill="#1d1a2b")
    pen.rounded_rectangle((x - head, ground - tall + head, x + head, ground), head, fill="#1d1a2b")
