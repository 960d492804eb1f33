"""Pictures of things for the kitchen and the house."""

from orders.services.demo_pictures.canvas import Canvas

WOOD = ("#d9a873", "#a8713f")
DARK_WOOD = ("#8a5a3a", "#5a3622")
INK = "#5b3a24"


def mug(canvas: Canvas, glaze: tuple[str, str], words: str, *, x: float = 500, y: float = 520, size: float = 1) -> None:
    """A mug with a name."""
    half, high = 170 * size, 200 * size
    canvas.shadow((x - half * 1.2, y + high * 0.82, x + half * 1.7, y + high * 1.22))
    canvas.ring((x + half * 0.5, y - high * 0.62, x + half * 1.75, y + high * 0.55), 42 * size, *glaze)
    canvas.rectangle((x - half, y - high, x + half, y + high), *glaze, radius=48 * size, is_round=True)
    canvas.ellipse((x - half, y - high - 34 * size, x + half, y - high + 40 * size), glaze[0], glaze[0])
    canvas.ellipse((x - half * 0.9, y - high - 24 * size, x + half * 0.9, y - high + 32 * size), "#4a2d1d", "#6b442b")
    canvas.text((x, y + 20 * size), words, 74 * size, INK)


def two_mugs(canvas: Canvas) -> None:
    """A pair of mugs."""
    mug(canvas, ("#e9eef0", "#9fb0b8"), "A", x=340, y=470, size=0.82)
    mug(canvas, ("#f4e3d6", "#c79d82"), "M", x=620, y=580, size=0.82)


def board(canvas: Canvas, words: str, wood: tuple[str, str] = WOOD) -> None:
    """A chopping board with a handle."""
    canvas.drop((250, 290, 750, 850), 60)
    canvas.drop((440, 130, 560, 320), 50)
    canvas.rectangle((440, 130, 560, 380), *wood, radius=56)
    canvas.ellipse((478, 166, 522, 210), "#e9dcc9", "#cdbb9f")
    canvas.rectangle((250, 290, 750, 850), *wood, radius=64)
    canvas.grain((250, 300, 750, 840), wood[1], 26, radius=40)
    canvas.text((500, 570), words, 66 if len(words) > 1 else 260, INK)


def slate(canvas: Canvas) -> None:
    """A slate with writing in chalk."""
    canvas.drop((180, 330, 820, 740), 14)
    canvas.rectangle((180, 330, 820, 740), "#4c5358", "#2f3437", radius=14)
    canvas.grain((180, 330, 820, 740), "#667077", 20)
    canvas.text((500, 510), "Ella & Tom", 84, "#f4f1ea")
    canvas.text((500, 620), "12 June 2021", 46, "#d9d4c8")
    canvas.rectangle((640, 770, 800, 792), "#fdfbf5", "#e3ddcf", radius=10)


def apron(canvas: Canvas) -> None:
    """An apron on its strap."""
    canvas.drop((300, 300, 700, 880), 40, strength=0.24)
    canvas.arc((380, 70, 620, 420), 180, 360, 20, "#b7a48c", "#8e7c66")
    canvas.polygon(
        [(380, 250), (620, 250), (650, 470), (740, 540), (710, 880), (290, 880), (260, 540), (350, 470)],
        "#c9d3c5",
        "#93a58e",
    )
    canvas.rectangle((390, 620, 610, 770), "#b9c6b4", "#8fa28a", radius=18)
    canvas.line([(270, 560), (150, 620)], 16, "#a9b7a3")
    canvas.line([(730, 560), (850, 620)], 16, "#a9b7a3")
    canvas.text((500, 390), "J M B", 74, "#45573f")


def markers(canvas: Canvas) -> None:
    """Herb markers in a row."""
    for number, herb in enumerate(("Basil", "Thyme", "Sage", "Mint")):
        x = 230 + number * 180
        canvas.shadow((x - 60, 800, x + 90, 850), 0.3, 14)
        canvas.rectangle((x - 12, 500, x + 12, 820), "#e8ddd0", "#b9a893", is_round=True)
        canvas.rectangle(
            (x - 78, 300 + number % 2 * 40, x + 78, 520 + number % 2 * 40), "#fbf7f0", "#ddd0bf", radius=70
        )
        canvas.text((x, 410 + number % 2 * 40), herb, 46, "#5b7050")


def spoons(canvas: Canvas) -> None:
    """Three wooden spoons."""
    for x, words in ((320, "eat"), (500, "love"), (680, "stir")):
        canvas.drop((x - 22, 430, x + 22, 880), 20, strength=0.25)
        canvas.rectangle((x - 22, 380, x + 22, 880), *WOOD, radius=20, is_round=True)
        canvas.ellipse((x - 72, 150, x + 72, 430), *WOOD)
        canvas.ellipse((x - 48, 180, x + 48, 370), "#b98550", "#cf9a64")
        canvas.text((x, 640), "\n".join(words), 34, INK)


def cushion(canvas: Canvas) -> None:
    """A cushion with a name."""
    canvas.shadow((170, 780, 850, 880))
    canvas.polygon(
        [(210, 250), (500, 280), (790, 250), (765, 530), (800, 830), (500, 800), (200, 830), (235, 530)],
        "#e9b9a6",
        "#c98b76",
    )
    canvas.polygon(
        [(240, 280), (500, 305), (760, 280), (738, 530), (768, 800), (500, 775), (232, 800), (262, 530)],
        "#efc6b5",
        "#d49a85",
    )
    canvas.text((500, 530), "Matilda", 112, "#7c3f30")


def folded(canvas: Canvas, wool: tuple[str, str], words: str) -> None:
    """Something woven, folded three times."""
    canvas.shadow((150, 760, 880, 870))
    for number in range(4):
        top = 640 - number * 92
        canvas.rectangle((190 + number * 6, top, 810 - number * 6, top + 150), *wool, radius=52)
        canvas.grain((200, top + 10, 800, top + 140), wool[1], 8, radius=60)
    canvas.text((500, 430), words, 70, "#6d5a48")
    for x in range(220, 800, 26):
        canvas.line([(x, 786), (x + 4, 836)], 6, wool[1])


def doormat(canvas: Canvas) -> None:
    """A doormat."""
    canvas.drop((140, 340, 860, 720), 10)
    canvas.rectangle((140, 340, 860, 720), "#c69a63", "#97703f", radius=10)
    canvas.grain((140, 340, 860, 720), "#7f5d33", 60)
    canvas.rectangle((168, 366, 832, 380), "#4a3723", "#4a3723")
    canvas.rectangle((168, 680, 832, 694), "#4a3723", "#4a3723")
    canvas.text((500, 530), "THE HARTS", 104, "#3c2b1a")


def candle(canvas: Canvas) -> None:
    """A candle in a glass, alight."""
    canvas.shadow((280, 800, 760, 880))
    canvas.glow((330, 90, 670, 470), 0.85, 60)
    canvas.rectangle((320, 400, 680, 850), "#fdf6ec", "#cfc0aa", radius=46, is_round=True)
    canvas.ellipse((320, 366, 680, 440), "#f7eddc", "#e9dcc4")
    canvas.line([(500, 400), (500, 340)], 8, "#4a3a2a")
    canvas.polygon([(500, 210), (535, 300), (522, 345), (478, 345), (465, 300)], "#ffd27a", "#f39a3d")
    canvas.rectangle((375, 540, 625, 730), "#fffdf8", "#f1e8da", radius=10)
    canvas.text((500, 635), "S", 128, "#8c5a3c")


def lantern(canvas: Canvas) -> None:
    """A copper lantern with a pierced name."""
    copper = ("#f0b48a", "#8d4f2c")
    canvas.shadow((260, 820, 780, 890))
    canvas.ring((430, 90, 570, 240), 14, *copper)
    canvas.polygon([(330, 330), (500, 200), (670, 330)], "#d98f60", "#a8623a")
    canvas.rectangle((320, 330, 680, 850), *copper, radius=24, is_round=True)
    canvas.glow((350, 430, 650, 760), 0.9, 40)
    canvas.rectangle((375, 420, 625, 770), "#ffe9b8", "#ffc76b", radius=16)
    canvas.text((500, 595), "Lotte", 92, "#9b5327")
    canvas.rectangle((300, 830, 700, 866), *copper, radius=12, is_round=True)


def tile(canvas: Canvas) -> None:
    """A house number."""
    canvas.drop((230, 290, 770, 790), 30)
    canvas.rectangle((230, 290, 770, 790), "#4f83a8", "#2f5878", radius=34)
    canvas.rectangle((262, 322, 738, 758), "#6fa0c2", "#3d6c90", radius=22)
    canvas.text((500, 530), "27", 300, "#fdf8ec")


def quilt(canvas: Canvas) -> None:
    """A patchwork quilt."""
    colours = ("#e2a79a", "#b9cbb0", "#f0dcb4", "#a9bfd0", "#d6b7cf")
    canvas.drop((200, 230, 800, 830), 20)
    canvas.rectangle((188, 218, 812, 842), "#fbf4ea", "#eadfce", radius=20)
    for row in range(5):
        for column in range(5):
            left, top = 206 + column * 118, 236 + row * 118
            colour = colours[(row * 2 + column * 3) % 5]
            canvas.rectangle((left, top, left + 112, top + 112), colour, colour, radius=6)
            canvas.grain((left, top, left + 112, top + 112), "#ffffff", 5)


def box(canvas: Canvas, words: str, wood: tuple[str, str] = DARK_WOOD) -> None:
    """A box with a plaque."""
    canvas.shadow((130, 760, 900, 880))
    canvas.polygon([(190, 430), (300, 320), (700, 320), (810, 430)], wood[0], wood[0])
    canvas.rectangle((190, 430, 810, 820), *wood, radius=12)
    canvas.grain((190, 440, 810, 810), "#3d2415", 16)
    canvas.line([(190, 540), (810, 540)], 5, "#3d2415")
    canvas.rectangle((360, 590, 640, 720), "#f3dc9b", "#c09a45", radius=10)
    canvas.text((500, 655), words, 56, "#5b451a")
    canvas.rectangle((470, 510, 530, 570), "#f0d68d", "#b88f3a", radius=8)
