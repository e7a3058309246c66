"""Every text that a form puts together in code, in Markdown.

Fixed texts are filled in by Home Assistant. Here is what depends on the data: lists,
with headings only for those that are not empty, and why there is no preview.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from homeassistant.util import dt as dt_util

from ..cleanup import Preview, PreviewedTitle
from ..retention import RuleErrors, clause, plain, say
from ..rules import RuleChanges
from ..words import Words

_NAMED: Final = 10
# More of the unwatched titles are named: those are the ones people regret.
_UNWATCHED_NAMED: Final = 50


def _bullets(lines: Iterable[str]) -> str:
    """Return lines as a list in Markdown."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def preview_text(preview: Preview, words: Words) -> str:
    """Return a preview in Markdown."""
    before, after = preview.before, preview.after
    rows = [
        ("pending", before.pending, after.pending),
        ("due", before.due, after.due),
        ("awaiting", before.awaiting, after.awaiting),
        ("kept", before.kept, after.kept),
    ]
    table = [
        f"| {' | '.join(words.text(f'preview_{one}') for one in _COLUMNS)} |",
        "|:--|--:|--:|",
        *(
            f"| {words.text(f'preview_{name}')} |"
            f" {words.number(now)} | {words.number(then)} |"
            for name, now, then in rows
            if name != "awaiting" or now or then
        ),
    ]
    parts = ["\n".join(table)]
    if not (preview.added or preview.sooner or preview.removed):
        parts.append(words.text("preview_nothing"))
    parts += _list(words, "added", preview.added, _NAMED)
    parts += _list(words, "sooner", preview.sooner, _NAMED)
    parts += _list(words, "removed", preview.removed, _NAMED)
    parts += _list(words, "unwatched", preview.unwatched, _UNWATCHED_NAMED)
    return "\n\n".join(parts)


_COLUMNS: Final = ("titles", "now", "then")


def _list(
    words: Words, name: str, titles: Sequence[PreviewedTitle], named: int
) -> list[str]:
    """Return a heading and the first few titles below it; nothing for none."""
    if not titles:
        return []
    lines = []
    for one in titles[:named]:
        day = dt_util.as_local(one.due_at).date().isoformat()
        lines.append(f"{one.name}, {day}")
    if len(titles) > named:
        lines.append(words.counted("list_more", len(titles) - named))
    heading = f"{words.text(f'preview_{name}')} ({words.number(len(titles))})"
    return [f"**{heading}**\n\n{_bullets(lines)}"]


def changes_text(changes: RuleChanges, words: Words) -> str:
    """Return what an import changes, in Markdown."""
    parts = [
        f"**{words.text(f'import_{name}')}**\n\n{_bullets(lines)}"
        for name, lines in (
            ("added", changes.added),
            ("updated", changes.updated),
            ("removed", changes.removed),
            ("ignored", [clause(one, words) for one in changes.ignored]),
            ("notes", [say(note, words) for note in changes.notes]),
        )
        if lines
    ]
    if not (changes.added or changes.updated or changes.removed):
        parts.insert(0, words.text("import_nothing"))
    return "\n\n".join(parts)


def import_faults_text(faults: RuleErrors, words: Words) -> str:
    """Return why nothing was imported, in Markdown, to follow on other text."""
    lines = _bullets(fault.text(words) for fault in faults.errors)
    return f"\n\n**{words.text('import_refused')}**\n\n{lines}"


def found_text(movies: int, series: int, users: int, words: Words) -> str:
    """Return what Jellyfin has, in Markdown, to be followed by other text."""
    found = words.text(
        "found",
        movies=words.counted("movies", movies),
        series=words.counted("series", series),
        users=words.counted("users", users),
    )
    return f"{found}\n\n"


def own_values_text(people: Iterable[tuple[str, str, bool]], words: Words) -> str:
    """Return who keeps values of their own, in Markdown, to follow on other text.

    Each person is a name, a retention, and whether titles must be watched.
    """
    lines = []
    for name, retention, require_watched in people:
        how = "own_values_watched" if require_watched else "own_values_any"
        line = words.text(how, name=plain(name), retention=words.span(retention))
        lines.append(f"- {line}")
    if not lines:
        return ""
    return f"\n\n{words.text('own_values')}\n" + "\n".join(lines)
