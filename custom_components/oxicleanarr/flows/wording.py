"""Every text that a form puts together in code, in Markdown.

Fixed texts are in ``translations``. Here is what depends on the data: lists, with
headings only for those that are not empty, and the reason why there is no preview.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from homeassistant.util import dt as dt_util

from ..cleanup import Preview, PreviewedTitle
from ..retention import RuleErrors, plain, say
from ..rules import RuleChanges

_NAMED: Final = 10
# More of the unwatched titles are named: those are the ones people regret.
_UNWATCHED_NAMED: Final = 50

NOT_YET: Final = (
    "There is no preview before the first complete sync. "
    "Nothing is deleted before that either."
)


def _bullets(lines: Iterable[str]) -> str:
    """Return lines as a list in Markdown."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def no_preview_text(err: Exception) -> str:
    """Return the error that prevents a preview, in Markdown."""
    return f"There is no preview: {plain(str(err))}"


def preview_text(preview: Preview) -> str:
    """Return a preview in Markdown."""
    before, after = preview.before, preview.after
    parts = [
        "| Titles | Now | Then |\n|:--|--:|--:|\n"
        f"| Pending | {before.pending} | {after.pending} |\n"
        f"| Of these, ready to delete | {before.due} | {after.due} |\n"
        + (
            f"| Waiting for approval | {before.awaiting} | {after.awaiting} |\n"
            if before.awaiting or after.awaiting
            else ""
        )
        + f"| Kept | {before.kept} | {after.kept} |"
    ]
    if not (preview.added or preview.sooner or preview.removed):
        parts.append("No title would be added, deleted sooner or kept.")
    parts += _list("Would be deleted, and are kept now", preview.added, _NAMED)
    parts += _list("Would be deleted sooner than now", preview.sooner, _NAMED)
    parts += _list("Would be kept, and are pending now", preview.removed, _NAMED)
    parts += _list(
        "⚠️ Would be deleted although nobody has watched them",
        preview.unwatched,
        _UNWATCHED_NAMED,
    )
    return "\n\n".join(parts)


def _list(title: str, titles: Sequence[PreviewedTitle], named: int) -> list[str]:
    """Return a heading and the first few titles below it; nothing for none."""
    if not titles:
        return []
    lines = []
    for one in titles[:named]:
        day = dt_util.as_local(one.due_at).date().isoformat()
        lines.append(f"{one.name}, {day}")
    if len(titles) > named:
        lines.append(f"and {len(titles) - named} more")
    return [f"**{title} ({len(titles)})**\n\n{_bullets(lines)}"]


def changes_text(changes: RuleChanges) -> str:
    """Return what an import changes, in Markdown."""
    parts = [
        f"**{title}**\n\n{_bullets(lines)}"
        for title, lines in (
            ("Added", changes.added),
            ("Updated", changes.updated),
            ("Removed", changes.removed),
            ("Ignored", changes.ignored),
            ("Notes", [say(note) for note in changes.notes]),
        )
        if lines
    ]
    if not (changes.added or changes.updated or changes.removed):
        parts.insert(0, "Nothing changes.")
    return "\n\n".join(parts)


def import_faults_text(faults: RuleErrors) -> str:
    """Return why nothing was imported, in Markdown, to follow on other text."""
    lines = _bullets(str(fault) for fault in faults.errors)
    return f"\n\n**Nothing was imported:**\n\n{lines}"


def found_text(movies: int, series: int, users: int) -> str:
    """Return what Jellyfin has, in Markdown, to be followed by other text."""
    return (
        f"Jellyfin has {_count(movies, 'movie')}, {_count(series, 'series', 'series')} "
        f"and {_count(users, 'user')}.\n\n"
    )


def _count(number: int, one: str, several: str = "") -> str:
    """Return a number of things."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def own_values_text(people: Iterable[tuple[str, str, bool]]) -> str:
    """Return who keeps values of their own, in Markdown, to follow on other text.

    Each person is a name, a retention, and whether titles must be watched.
    """
    lines = [
        f"- {plain(name)}: {retention}"
        + (", if watched" if require_watched else ", watched or not")
        for name, retention, require_watched in people
    ]
    if not lines:
        return ""
    return (
        "\n\nThese people keep their own values unless you select "
        "**Same for everyone**:\n" + "\n".join(lines)
    )


def seerr_user(user_id: int) -> str:
    """Return what to call somebody who is known only by the number Seerr gave them."""
    return f"Seerr user {user_id}"
