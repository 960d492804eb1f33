"""Pictures of things to wear, to write with and to carry."""

from math import cos, pi, sin

from orders.services.demo_pictures.canvas import Canvas, Point

SILVER = ("#fafbfc", "#9aa3ab")
GOLD = ("#fdecb8", "#b98a35")
COPPER = ("#f4bd95", "#99572f")
LEATHER = ("#b9764a", "#7d4526")


def around(centre: Point, radius: float, count: int, start: float = 0) -> list[Point]:
    """So many points on a circle."""
    angles = (start + 2 * pi * number / count for number in range(count))
    return [(centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)) for angle in angles]


def necklace(canvas: Canvas, metal: tuple[str, str], words: str) -> None:
    """A pendant on a chain."""
    canvas.arc((190, -320, 810, 560), 20, 160, 9, *metal)
    canvas.shadow((380, 600, 660, 860), 0.3, 24)
    canvas.ring((480, 540, 520, 590), 8, *metal)
    canvas.ellipse((360, 580, 640, 860), *metal, is_round=True)
    canvas.ring((374, 594, 626, 846), 5, metal[1], metal[0])
    canvas.text((500, 720), words, 120 if len(words) == 1 else 58, "#5d5044")


def locket(canvas: Canvas) -> None:
    """A heart that opens."""
    canvas.arc((200, -330, 800, 520), 20, 160, 9, *GOLD)
    canvas.shadow((350, 640, 680, 900), 0.3, 24)
    canvas.ellipse((330, 500, 520, 690), *GOLD)
    canvas.ellipse((480, 500, 670, 690), *GOLD)
    canvas.polygon([(340, 630), (660, 630), (500, 850)], "#ecd391", "#b98a35")
    canvas.rectangle((400, 540, 600, 650), "#f3dfa6", "#e6cb86", radius=40)
    canvas.text((500, 630), "yes", 84, "#6f521d")


def bangle(canvas: Canvas, metal: tuple[str, str], words: str) -> None:
    """A bangle."""
    canvas.shadow((190, 640, 830, 800), 0.35, 30)
    canvas.ring((200, 330, 800, 740), 74, *metal, is_round=True)
    canvas.ring((208, 338, 792, 732), 10, metal[0], metal[1])
    canvas.text((500, 694), words, 34, "#4a2c17")


def bracelet(canvas: Canvas) -> None:
    """A name in beads."""
    canvas.shadow((240, 300, 800, 800), 0.25, 30)
    for number, (x, y) in enumerate(around((500, 520), 250, 22, 0.2)):
        metal = GOLD if number % 2 else SILVER
        canvas.ellipse((x - 34, y - 34, x + 34, y + 34), *metal)
    for letter, (x, y) in zip("EIHPOS", around((500, 520), 250, 22, 0.2)[3:9], strict=True):
        canvas.rectangle((x - 38, y - 38, x + 38, y + 38), "#fffdf7", "#d8cfbf", radius=10)
        canvas.text((x, y), letter, 50, "#6a5a44")
    canvas.ellipse((718, 420, 790, 492), "#b9d7f2", "#3f78b5")


def ring(canvas: Canvas) -> None:
    """A signet ring."""
    canvas.shadow((300, 740, 720, 850))
    canvas.ring((310, 380, 690, 800), 46, *GOLD, is_round=True)
    canvas.ellipse((360, 250, 640, 480), *GOLD)
    canvas.ellipse((382, 270, 618, 460), "#f8e2a4", "#d3aa55")
    canvas.text((500, 365), "R", 130, "#77571f")


def earrings(canvas: Canvas) -> None:
    """Two studs with stars."""
    for x in (340, 660):
        canvas.shadow((x - 120, 560, x + 150, 720), 0.3, 24)
        canvas.ellipse((x - 130, 380, x + 130, 640), "#2e3a5c", "#141b33")
        canvas.ring((x - 138, 372, x + 138, 648), 14, *SILVER)
        stars = [(x - 70, 560), (x - 30, 470), (x + 20, 520), (x + 70, 440)]
        canvas.line(stars, 3, "#9fb0d8")
        for left, top in stars:
            canvas.ellipse((left - 9, top - 9, left + 9, top + 9), "#ffffff", "#dfe6ff")


def dish(canvas: Canvas) -> None:
    """A small dish with two rings in it."""
    canvas.shadow((170, 640, 850, 840))
    canvas.ellipse((170, 360, 830, 780), "#fffdfa", "#d6cdc2")
    canvas.ellipse((235, 395, 765, 725), "#e7dfd5", "#fbf8f3")
    canvas.text((500, 620), "8 May 2026", 58, "#b08b3e")
    canvas.ring((390, 440, 530, 560), 16, *GOLD)
    canvas.ring((480, 450, 620, 570), 16, *SILVER)


def book(canvas: Canvas, cover: tuple[str, str], words: str, foil: str = "#e9cf8a") -> None:
    """A book or notebook."""
    canvas.shadow((230, 800, 850, 890))
    canvas.rectangle((300, 190, 800, 850), "#f6efe2", "#d9cdb8", radius=14)
    canvas.rectangle((240, 180, 770, 840), *cover, radius=18)
    canvas.rectangle((240, 180, 300, 840), cover[1], cover[1], radius=18)
    canvas.text((535, 470), words, 56 if "\n" in words or " " in words else 110, foil)
    canvas.rectangle((420, 560, 650, 566), foil, foil)


def envelopes(canvas: Canvas) -> None:
    """Paper and envelopes."""
    for number in range(3):
        left, top = 170 + number * 60, 300 + number * 90
        canvas.drop((left, top, left + 520, top + 330), 8, strength=0.22)
        canvas.rectangle((left, top, left + 520, top + 330), "#fffdf7", "#efe6d6", radius=8)
        canvas.polygon([(left, top), (left + 520, top), (left + 260, top + 190)], "#f7f0e2", "#e4d8c2")
    canvas.ellipse((510, 610, 600, 700), "#c0544a", "#87302a")
    canvas.text((555, 655), "L", 54, "#f6dcd4")


def pen(canvas: Canvas) -> None:
    """A fountain pen."""
    canvas.shadow((180, 560, 860, 650), 0.3, 20)
    canvas.rectangle((170, 480, 690, 560), *GOLD, radius=38)
    canvas.rectangle((420, 472, 450, 568), "#8f6a25", "#6b4d17")
    canvas.polygon([(690, 490), (830, 520), (690, 550)], *SILVER)
    canvas.line([(740, 520), (820, 520)], 3, "#5b636b")
    canvas.text((300, 520), "Eleanor", 46, "#6b4d17")


def seal(canvas: Canvas) -> None:
    """A seal and its wax."""
    canvas.shadow((180, 720, 540, 800))
    canvas.ellipse((170, 570, 470, 790), "#c8564a", "#8c2f28")
    canvas.ellipse((220, 605, 420, 755), "#a83f36", "#c2584d")
    canvas.text((320, 680), "B", 110, "#7a241e")
    canvas.shadow((560, 770, 860, 840))
    canvas.rectangle((620, 640, 800, 810), *GOLD, radius=14, is_round=True)
    canvas.ellipse((600, 260, 820, 480), "#8a5a3a", "#512f1c")
    canvas.rectangle((660, 440, 760, 650), "#9a6644", "#512f1c", radius=30, is_round=True)


def pencils(canvas: Canvas) -> None:
    """Pencils in a row."""
    colours = ("#c7694f", "#d99b4a", "#8fae6f", "#5f93a8", "#7a6aa0", "#b96b8c")
    for number, colour in enumerate(colours):
        x = 230 + number * 108
        canvas.drop((x - 34, 330, x + 34, 850), 4, strength=0.22)
        canvas.polygon([(x - 34, 330), (x + 34, 330), (x, 190)], "#efd2a4", "#d9b27c")
        canvas.polygon([(x - 10, 230), (x + 10, 230), (x, 190)], colour, colour)
        canvas.rectangle((x - 34, 330, x + 34, 860), colour, colour)
        canvas.rectangle((x - 10, 330, x + 12, 860), "#fffaf0", colour)
        canvas.text((x, 600), "\n".join("OSCAR"), 40, "#fff8ea")


def calendar(canvas: Canvas) -> None:
    """A calendar with a photograph."""
    canvas.drop((240, 180, 760, 860), 10)
    canvas.rectangle((240, 180, 760, 860), "#fffdf8", "#efe7da", radius=10)
    canvas.rectangle((270, 215, 730, 530), "#9fc3d4", "#e8d3b0", radius=6)
    canvas.polygon([(270, 530), (430, 350), (560, 470), (640, 400), (730, 530)], "#7d9b78", "#54735a")
    canvas.ellipse((600, 250, 670, 320), "#fff2c4", "#ffe08a")
    canvas.text((500, 575), "June", 52, "#8c5a3c")
    for number in range(28):
        canvas.text((290 + number % 7 * 70, 640 + number // 7 * 56), str(number + 1), 28, "#6a6058")


def wallet(canvas: Canvas, words: str, leather: tuple[str, str] = LEATHER) -> None:
    """A wallet, a cover or a small case."""
    canvas.drop((210, 320, 790, 760), 40)
    canvas.rectangle((210, 320, 790, 760), *leather, radius=42)
    canvas.rectangle((232, 342, 768, 738), leather[0], leather[1], radius=30)
    for x in range(250, 760, 22):
        canvas.line([(x, 356), (x + 11, 356)], 4, "#e8c7a0")
        canvas.line([(x, 724), (x + 11, 724)], 4, "#e8c7a0")
    canvas.text((660, 670), words, 62, "#f1d3ac")


def weekender(canvas: Canvas) -> None:
    """A travel bag."""
    canvas.shadow((120, 800, 900, 890))
    canvas.arc((350, 180, 650, 620), 180, 360, 26, *LEATHER)
    canvas.rectangle((160, 420, 840, 850), "#8c8a63", "#5d5b3d", radius=80)
    canvas.rectangle((160, 690, 840, 850), *LEATHER, radius=60)
    canvas.rectangle((330, 420, 372, 850), *LEATHER)
    canvas.rectangle((628, 420, 670, 850), *LEATHER)
    canvas.rectangle((430, 520, 570, 620), "#c98a5c", "#8b5230", radius=14)
    canvas.text((500, 570), "Finn", 50, "#f6e2c8")


def fob(canvas: Canvas) -> None:
    """A key ring with a leather tag."""
    canvas.ring((400, 130, 600, 330), 18, *GOLD)
    canvas.drop((390, 320, 610, 840), 90)
    canvas.rectangle((390, 310, 610, 840), *LEATHER, radius=92)
    canvas.ellipse((470, 340, 530, 400), *GOLD)
    canvas.text((500, 610), "\n".join("HOME"), 70, "#f1d3ac")


def tote(canvas: Canvas) -> None:
    """A cotton bag."""
    canvas.arc((360, 90, 640, 650), 180, 360, 22, "#e3d4b8", "#c4b18f")
    canvas.drop((250, 380, 750, 880), 12)
    canvas.polygon([(260, 370), (740, 370), (770, 880), (230, 880)], "#f4ead6", "#d6c5a4")
    canvas.text((500, 620), "hello\nyou", 120, "#a4503f")


def flask(canvas: Canvas) -> None:
    """A hip flask."""
    canvas.shadow((290, 820, 760, 890))
    canvas.rectangle((455, 190, 545, 310), *SILVER, radius=12, is_round=True)
    canvas.rectangle((310, 290, 690, 860), *COPPER, radius=90, is_round=True)
    canvas.text((500, 580), "Slainte\nRory", 76, "#6d381b")
