"""Make the story of a failure as short as it can be told."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from .life import Day, Story, first_dawn, live_from
from .world import Kind

type Fails = Callable[[Story], Awaitable[str | None]]
"""Live a story and return what went wrong, ``None`` if nothing did."""


async def relive(
    seed: int,
    story: Story,
    folder: Path,
    *,
    owned: bool = False,
    kinds: frozenset[Kind] = frozenset(),
) -> str | None:
    """Live a story that was told before; return what the judge had to say."""
    async with live_from(first_dawn(seed, owned=owned, kinds=kinds), folder) as life:
        try:
            for day in story:
                await life.live(day)
        except AssertionError as err:
            return str(err)
    return None


async def shrink(story: Story, fails: Fails) -> tuple[Story, str]:
    """Leave out days and steps as long as it fails still; return that and how."""
    failure = await fails(story)
    assert failure is not None, "it does not fail"
    smaller = True
    while smaller:
        smaller = False
        for shorter in _shorter(story):
            if (still := await fails(shorter)) is not None:
                story, failure, smaller = shorter, still, True
                break
    return story, failure


def _shorter(story: Story) -> list[Story]:
    days = list(story)
    found: list[Story] = [days[:-1]] if days else []
    found += [days[:place] + days[place + 1 :] for place in range(len(days))]
    for place, day in enumerate(days):
        for part in ("night", "day"):
            steps = getattr(day, part)
            for gone in range(len(steps)):
                fewer = steps[:gone] + steps[gone + 1 :]
                changed = (
                    Day(fewer, day.day) if part == "night" else Day(day.night, fewer)
                )
                found.append([*days[:place], changed, *days[place + 1 :]])
    return found
