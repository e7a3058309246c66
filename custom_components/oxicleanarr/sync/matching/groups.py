"""Sets of things that belong together."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable


class Groups:
    """Sets of things that belong together (union and find)."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._up: dict[Hashable, Hashable] = {}

    def add(self, one: Hashable) -> None:
        """Take in a thing, alone as long as nothing joins it."""
        self._up.setdefault(one, one)

    def root(self, one: Hashable) -> Hashable:
        """Return what stands for the set of a thing."""
        self.add(one)
        while (up := self._up[one]) != one:
            self._up[one] = self._up[up]
            one = up
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        """Put two things into one set."""
        self._up[self.root(other)] = self.root(one)

    def gather[T](
        self, things: Iterable[T], name: Callable[[T], Hashable]
    ) -> dict[Hashable, list[T]]:
        """Return things by the set that each one's name is in."""
        found: dict[Hashable, list[T]] = defaultdict(list)
        for thing in things:
            found[self.root(name(thing))].append(thing)
        return found
