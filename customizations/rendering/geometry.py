"""Rectangles and arcs. Down is positive, as in pictures."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Left, top, right and bottom edge."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, width: int, height: int) -> "Rectangle":
        """The one of that size whose middle is at 0."""
        return cls(-(width // 2), -(height // 2), width - width // 2, height - height // 2)

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    def moved(self, x: int, y: int) -> "Rectangle":
        """The same at another place."""
        return Rectangle(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def grown(self, by: int) -> "Rectangle":
        """Larger by so much on every side."""
        return Rectangle(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def union(self, other: "Rectangle") -> "Rectangle":
        """The least that holds both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        return Rectangle(left, top, max(self.right, other.right), max(self.bottom, other.bottom))


@dataclass(frozen=True, slots=True)
class Arc:
    """The circle that a line of text follows; it is at (0, 0) in the middle of the line.

    Attributes:
        radius: in pixels.
        is_hanging: whether the line sags, with the feet of its letters outside; else it arches.
    """

    radius: int
    is_hanging: bool

    def bend(self, along: float, down: float) -> tuple[float, float]:
        """Where a point comes to lie that is ``along`` the straight line and ``down`` from it."""
        angle, side = along / self.radius, -1 if self.is_hanging else 1
        distance = self.radius - side * down
        return distance * math.sin(angle), side * (self.radius - distance * math.cos(angle))

    def straighten(self, x: float, y: float) -> tuple[float, float]:
        """What ``bend`` brings to (x, y)."""
        side = -1 if self.is_hanging else 1
        height = self.radius - side * y
        return math.atan2(x, height) * self.radius, side * (self.radius - math.hypot(x, height))

    def bounds(self, straight: Rectangle) -> Rectangle:
        """What the bent rectangle lies in."""
        first, last = straight.left / self.radius, straight.right / self.radius
        quarters = (quarter * math.pi / 2 for quarter in range(-4, 5))
        angles = [first, last, *(angle for angle in quarters if first < angle < last)]
        points = [self.bend(angle * self.radius, down) for angle in angles for down in (straight.top, straight.bottom)]
        across, down = [x for x, _ in points], [y for _, y in points]
        return Rectangle(math.floor(min(across)), math.floor(min(down)), math.ceil(max(across)), math.ceil(max(down)))
