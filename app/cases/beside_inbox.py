"""What else waits for a viewer, said above their inbox: later stages, which the inbox does not know, say it."""

from collections.abc import Callable, Iterable

from app.web.access import Viewer

Line = tuple[str, str]
"""What is said, and the address of the page where it is done."""

_asked: list[Callable[[Viewer], Iterable[Line]]] = []


def said_beside_the_inbox(lines: Callable[[Viewer], Iterable[Line]]) -> Callable[[Viewer], Iterable[Line]]:
    """Have this function asked whenever somebody opens their inbox."""
    _asked.append(lines)
    return lines


def lines_for(viewer: Viewer) -> list[Line]:
    return [line for lines in _asked for line in lines(viewer)]
