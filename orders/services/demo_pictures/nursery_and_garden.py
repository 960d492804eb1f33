"""Pictures of things for children, pets and gardens."""

from orders.services.demo_pictures.canvas import Canvas

WOOD = ("#e5bd8c", "#bd8a55")
BRIGHT = ("#e2725b", "#e9b44c", "#7fae7a", "#5b9bb5", "#9a7fb8", "#d988a1")


def puzzle(canvas: Canvas) -> None:
    """Letters in a tray."""
    canvas.drop((130, 380, 870, 680), 30)
    canvas.rectangle((130, 380, 870, 680), *WOOD, radius=30)
    for number, letter in enumerate("OSKAR"):
        x = 225 + number * 138
        canvas.rectangle((x - 58, 440, x + 58, 620), "#c59664", "#d6aa79", radius=16)
        canvas.text((x, 530), letter, 170, BRIGHT[number])


def ruler(canvas: Canvas) -> None:
    """A growth chart."""
    canvas.drop((400, 90, 600, 910), 6)
    canvas.rectangle((400, 90, 600, 910), "#ecd2a8", "#cfa56e", radius=6)
    canvas.grain((400, 90, 600, 910), "#a87c49", 18)
    for number in range(17):
        y = 140 + number * 46
        canvas.line([(400, y), (470 if number % 2 else 510, y)], 5, "#4b3a28")
        if not number % 4:
            canvas.text((556, y), str(140 - number * 5), 42, "#4b3a28")
    canvas.text((545, 600), "\n".join("EMIL"), 46, "#a4503f")


def rattle(canvas: Canvas) -> None:
    """A silver rattle."""
    canvas.shadow((300, 780, 720, 860), 0.3, 24)
    canvas.ring((380, 520, 620, 820), 40, "#fafbfc", "#9aa3ab", is_round=True)
    canvas.rectangle((476, 380, 524, 560), "#fafbfc", "#9aa3ab", radius=10, is_round=True)
    canvas.ellipse((370, 170, 630, 430), "#ffffff", "#9aa3ab")
    canvas.text((500, 300), "Ida", 96, "#6a747d")


def train(canvas: Canvas) -> None:
    """A train of letters."""
    canvas.shadow((90, 660, 930, 740), 0.35, 16)
    for number, letter in enumerate("LEON"):
        left = 110 + number * 205
        colour = BRIGHT[number]
        canvas.rectangle((left, 460, left + 175, 650), colour, colour, radius=18)
        canvas.text((left + 88, 550), letter, 128, "#fffaf0")
        for x in (left + 45, left + 130):
            canvas.ellipse((x - 34, 630, x + 34, 698), "#8a5f3b", "#5d3d24")
            canvas.ellipse((x - 11, 653, x + 11, 675), *WOOD)
        canvas.rectangle((left + 74, 390, left + 102, 462), "#fdf3dc", "#e6d2a8", radius=6)
        canvas.ellipse((left + 74, 340, left + 102, 396), "#ffdb86", "#f3a04a")


def bunny(canvas: Canvas) -> None:
    """A rabbit of linen."""
    linen = ("#f1e6d8", "#cdbba5")
    canvas.shadow((300, 840, 740, 900))
    for x in (420, 580):
        canvas.ellipse((x - 46, 90, x + 46, 420), *linen)
        canvas.ellipse((x - 22, 130, x + 22, 380), "#ecc9c0", "#dca99d")
    canvas.ellipse((340, 540, 660, 880), *linen)
    canvas.ellipse((350, 310, 650, 590), *linen)
    for x in (440, 560):
        canvas.ellipse((x - 15, 425, x + 15, 457), "#43342a", "#43342a")
    canvas.polygon([(482, 490), (518, 490), (500, 512)], "#c98579")
    canvas.text((500, 715), "Lola", 92, "#a4705f")


def bunting(canvas: Canvas) -> None:
    """Flags with letters."""
    points = [(80, 330), (290, 420), (500, 450), (710, 420), (920, 330)]
    canvas.line(points, 8, "#b89c78")
    flags = ((130, 352, "M"), (285, 418, "A"), (440, 446, "X"), (595, 442, "I"), (750, 398, "M"))
    for number, (x, y, letter) in enumerate(flags):
        colour = BRIGHT[number]
        canvas.shadow((x, y + 20, x + 130, y + 230), 0.16, 16)
        canvas.polygon([(x, y), (x + 130, y), (x + 65, y + 220)], colour, colour)
        canvas.text((x + 65, y + 76), letter, 92, "#fffaf0")


def collar(canvas: Canvas) -> None:
    """A dog's collar."""
    canvas.shadow((190, 660, 830, 800))
    canvas.ring((200, 330, 800, 740), 72, "#b9764a", "#6f3d20")
    canvas.rectangle((400, 650, 600, 760), "#f7e3a6", "#b98a35", radius=16)
    canvas.text((500, 706), "Otto", 70, "#63471a")


def bowl(canvas: Canvas) -> None:
    """A bowl for a pet."""
    canvas.shadow((140, 740, 880, 850))
    canvas.polygon([(230, 460), (770, 460), (850, 800), (150, 800)], "#7fa6ad", "#476d75")
    canvas.ellipse((230, 390, 770, 540), "#9bc0c6", "#6b969e")
    canvas.ellipse((270, 410, 730, 520), "#3d5d64", "#5d868e")
    canvas.text((500, 670), "Mabel", 130, "#fdf8ec")


def bird_house(canvas: Canvas) -> None:
    """A bird house."""
    canvas.drop((310, 380, 690, 850), 10)
    canvas.rectangle((310, 380, 690, 850), *WOOD, radius=8)
    canvas.grain((310, 390, 690, 840), "#9c6d3f", 18)
    canvas.polygon([(250, 420), (500, 180), (750, 420), (700, 440), (500, 255), (300, 440)], "#a35c46", "#7b3f2d")
    canvas.polygon([(330, 410), (500, 255), (670, 410)], WOOD[0], WOOD[0])
    canvas.ellipse((430, 450, 570, 590), "#3a281b", "#5c412c")
    canvas.rectangle((488, 620, 512, 690), "#8a5f3b", "#5d3d24", radius=10)
    canvas.text((500, 765), "The Larks", 64, "#5b3a24")


def pot(canvas: Canvas) -> None:
    """A pot with a plant."""
    canvas.shadow((280, 830, 760, 900))
    for x, y in ((360, 260), (640, 260), (430, 170), (570, 170), (500, 130)):
        canvas.ellipse((x - 62, y - 30, x + 62, y + 240), "#a9c98f", "#5f8d56")
    canvas.polygon([(300, 480), (700, 480), (640, 860), (360, 860)], "#e0926b", "#a85a38")
    canvas.rectangle((280, 420, 720, 510), "#e9a07a", "#b96a47", radius=14, is_round=True)
    canvas.text((500, 670), "Fernando", 74, "#fbeadd")


def sundial(canvas: Canvas) -> None:
    """A sundial."""
    canvas.shadow((180, 620, 850, 800))
    canvas.ellipse((180, 380, 820, 760), "#f3d894", "#9a7330")
    canvas.ellipse((230, 410, 770, 720), "#dcb968", "#c39a48")
    for x in range(280, 740, 46):
        canvas.line([(500, 600), (x, 450 + abs(x - 500) // 4)], 3, "#7d5a1e")
    canvas.polygon([(500, 600), (500, 250), (620, 570)], "#f6dfa2", "#a87f35")
    canvas.text((500, 680), "only sunny hours", 44, "#6a4b16")


def tools(canvas: Canvas) -> None:
    """A trowel and a fork."""
    for x in (360, 640):
        canvas.drop((x - 26, 480, x + 26, 880), 24, strength=0.25)
        canvas.rectangle((x - 12, 380, x + 12, 560), "#dfe3e6", "#868e94", is_round=True)
        canvas.rectangle((x - 28, 520, x + 28, 880), *WOOD, radius=26, is_round=True)
        canvas.text((x, 700), "\n".join("ROSE"), 44, "#6b4424")
    canvas.ellipse((290, 120, 430, 420), "#eceff1", "#8b949b")
    for x in (580, 640, 700):
        canvas.rectangle((x - 9, 140, x + 9, 360), "#eceff1", "#8b949b", radius=8, is_round=True)
    canvas.rectangle((571, 340, 709, 392), "#eceff1", "#8b949b", radius=20)


def stone(canvas: Canvas) -> None:
    """A stone with a name."""
    canvas.shadow((150, 700, 870, 830))
    canvas.ellipse((170, 360, 830, 780), "#c9c8c2", "#8b8a84")
    canvas.ellipse((230, 380, 700, 600), "#d5d4ce", "#b8b7b1")
    canvas.text((500, 540), "Bramble", 112, "#4d4c48")
    canvas.text((500, 650), "good dog", 54, "#5c5b56")
