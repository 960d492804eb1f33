"""Pictures of prints and frames on a wall."""

from collections.abc import Callable

from orders.services.demo_pictures.canvas import Canvas

INK = "#3b3f45"


def framed(canvas: Canvas, frame: tuple[str, str], paper: str, motif: Callable[[Canvas], None]) -> None:
    """A picture in a frame, with its mount."""
    canvas.drop((235, 130, 765, 880), 6, strength=0.4, blur=30)
    canvas.rectangle((235, 130, 765, 880), *frame, radius=4)
    canvas.rectangle((262, 157, 738, 853), "#fffdf9", "#f4efe6")
    canvas.rectangle((310, 205, 690, 805), paper, paper)
    motif(canvas)


def stars(canvas: Canvas) -> None:
    """The sky over a place."""
    canvas.ellipse((330, 260, 670, 600), "#27375e", "#0f1730")
    for number in range(70):
        angle_x, angle_y = (number * 73 % 300) - 150, (number * 131 % 300) - 150
        if angle_x**2 + angle_y**2 < 150**2:
            size = 2 + number % 4
            x, y = 500 + angle_x, 430 + angle_y
            canvas.ellipse((x - size, y - size, x + size, y + size), "#ffffff", "#dfe7ff")
    canvas.line([(420, 380), (470, 340), (540, 370), (590, 450)], 2, "#9fb0d8")
    canvas.text((500, 680), "The night we met", 44, INK)
    canvas.text((500, 742), "York, 4 August 2019", 28, INK)


def lyrics(canvas: Canvas) -> None:
    """Lines of a song."""
    for number, width in enumerate((280, 210, 300, 240, 180, 290, 220, 260, 160)):
        y = 300 + number * 44
        canvas.rectangle((500 - width / 2, y, 500 + width / 2, y + 12), "#c98a72", "#b87560", radius=6)
    canvas.text((500, 745), "our song", 52, "#8c4a37")


def tree(canvas: Canvas) -> None:
    """A family tree."""
    canvas.polygon([(480, 700), (520, 700), (512, 430), (488, 430)], "#8a5a3a", "#6d4429")
    for x, y in ((400, 430), (600, 430), (500, 340), (420, 320), (580, 320), (500, 460)):
        canvas.ellipse((x - 88, y - 76, x + 88, y + 76), "#a9c49a", "#7ea370")
    for x, y, name in ((420, 330, "Ann"), (580, 330, "Joe"), (500, 400, "May"), (410, 450, "Tim"), (595, 450, "Zoe")):
        canvas.text((x, y), name, 34, "#31502f")
    canvas.text((500, 755), "The Bennetts", 48, INK)


def pet(canvas: Canvas) -> None:
    """A cat in ink."""
    canvas.ellipse((390, 330, 610, 540), "#5b5f66", "#33363b")
    canvas.polygon([(400, 400), (410, 270), (480, 350)], "#44474d")
    canvas.polygon([(600, 400), (590, 270), (520, 350)], "#44474d")
    for x in (455, 545):
        canvas.ellipse((x - 17, 405, x + 17, 440), "#dfeccb", "#b9d18f")
        canvas.ellipse((x - 6, 408, x + 6, 438), "#1c1e21", "#1c1e21")
    canvas.polygon([(488, 460), (512, 460), (500, 476)], "#d99a9a")
    for turn in (-16, 0, 16):
        canvas.line([(470, 478), (340, 470 + turn)], 2, "#33363b")
        canvas.line([(530, 478), (660, 470 + turn)], 2, "#33363b")
    canvas.text((500, 690), "Biscuit", 68, INK)


def house(canvas: Canvas) -> None:
    """A house in watercolour."""
    canvas.glow((330, 260, 670, 700), 0.5, 40)
    canvas.rectangle((380, 430, 620, 640), "#f0d3c0", "#d9a992")
    canvas.polygon([(350, 440), (500, 300), (650, 440)], "#b0614f", "#8f4638")
    canvas.rectangle((470, 530, 530, 640), "#4f7f86", "#356067")
    for x in (415, 555):
        canvas.rectangle((x, 470, x + 40, 520), "#d8eaf2", "#9fc3d4")
    canvas.ellipse((300, 560, 400, 670), "#a9c49a", "#7ea370")
    canvas.ellipse((600, 560, 700, 670), "#a9c49a", "#7ea370")
    canvas.text((500, 735), "No. 4 Mill Row", 44, INK)


def types(canvas: Canvas) -> None:
    """Names in old letters."""
    for number, name in enumerate(("HARRY", "& IVY", "& BEN")):
        canvas.text((500, 330 + number * 150), name, 112, ("#a8483a", "#2f4a5c", "#b98a35")[number])


def photo(canvas: Canvas) -> None:
    """A photograph of the sea."""
    canvas.rectangle((310, 205, 690, 690), "#f6d7b0", "#a7cbd9")
    canvas.ellipse((440, 330, 560, 450), "#fff4cf", "#ffe19a")
    canvas.rectangle((310, 450, 690, 690), "#6fa3b8", "#3f7288")
    canvas.polygon([(310, 690), (430, 590), (690, 690)], "#e3c79a", "#c9a673")
    canvas.text((500, 750), "summer, always", 50, INK)


def birth(canvas: Canvas) -> None:
    """A name, a weight and a small animal."""
    canvas.ellipse((420, 260, 580, 420), "#f0d9b8", "#dcb98b")
    for x in (440, 560):
        canvas.ellipse((x - 34, 240, x + 34, 308), "#e4c79c", "#cfa878")
    for x in (470, 530):
        canvas.ellipse((x - 8, 325, x + 8, 343), "#4a3426", "#4a3426")
    canvas.ellipse((475, 355, 525, 395), "#fbeeda", "#f1dcbd")
    canvas.ellipse((490, 358, 510, 374), "#4a3426", "#4a3426")
    canvas.text((500, 520), "Noah", 110, "#6a8d92")
    canvas.text((500, 625), "3.4 kg\n05:12", 48, INK)


def map_(canvas: Canvas) -> None:
    """A map with a thread along the road."""
    canvas.rectangle((310, 205, 690, 805), "#eadfc6", "#dccdab")
    canvas.polygon([(310, 205), (520, 205), (440, 420), (310, 480)], "#b7d3d8", "#9fc3cb")
    canvas.polygon([(690, 500), (690, 805), (560, 805), (600, 620)], "#c5d3ae", "#aebf93")
    for y in (300, 460, 620):
        canvas.line([(310, y + 60), (500, y), (690, y + 90)], 5, "#fbf6ea")
    canvas.line([(360, 740), (430, 640), (400, 560), (520, 480), (560, 380), (640, 290)], 7, "#c0392b")
    for x, y in ((360, 740), (640, 290)):
        canvas.ellipse((x - 15, y - 15, x + 15, y + 15), "#d9584a", "#a52f24")
