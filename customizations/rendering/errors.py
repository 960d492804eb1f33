"""Why something cannot be rendered."""

from collections.abc import Iterable

from customizations.engine import Fault


class RenderError(ValueError):
    """Answers that cannot be printed as they are.

    Attributes:
        faults: each with the pointer of its answer and the code ``text_does_not_fit``, ``glyph_missing``,
            ``asset_missing`` or ``unknown_font``.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))
