"""The headings above a table."""


class Headings:
    """The headings of a page down to where it has been read."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def add(self, level: int, text: str) -> None:
        """Add a heading; those of its level and below end."""
        self._texts = {key: other for key, other in self._texts.items() if key < level}
        if text:
            self._texts[level] = text

    def above(self) -> tuple[str, ...]:
        """Return the headings that hold here, the outermost first."""
        return tuple(text for _, text in sorted(self._texts.items()))
