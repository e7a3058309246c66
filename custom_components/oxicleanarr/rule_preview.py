"""What a change of the rules would do, in words for a form."""

from collections.abc import Iterable, Sequence
import re

from homeassistant.config_entries import ConfigEntryState
from homeassistant.util import dt as dt_util

from .coordinator import OxiCleanarrConfigEntry
from .ledger import LedgerError
from .retention import Preview, PreviewedTitle, RetentionRules

NAMED = 10
# Of what nobody has watched a few more are named: it is what people regret.
UNWATCHED_NAMED = 50

NOT_YET = (
    "What this would do cannot be said before the first complete sync. "
    "Nothing is deleted before that either."
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def plain(text: str) -> str:
    """Return a text so that Markdown shows it as it is written."""
    return _MARKDOWN.sub(r"\\\1", text)


def bullets(lines: Iterable[str]) -> str:
    """Return lines as a list in Markdown."""
    return "\n".join(f"- {plain(line)}" for line in lines)


async def async_preview_text(
    entry: OxiCleanarrConfigEntry, rules: RetentionRules
) -> str:
    """Return what other rules would do to the library of a config entry."""
    if entry.state is not ConfigEntryState.LOADED:
        return NOT_YET
    try:
        preview = await entry.runtime_data.keeper.preview(rules)
    except LedgerError as err:
        return f"What this would do cannot be said: {plain(str(err))}"
    return NOT_YET if preview is None else preview_text(preview)


def preview_text(preview: Preview) -> str:
    """Return a preview in Markdown."""
    before, after = preview.before, preview.after
    parts = [
        "| Titles | Now | Then |\n|:--|--:|--:|\n"
        f"| Due | {before.due} | {after.due} |\n"
        f"| Pending | {before.pending} | {after.pending} |\n"
        f"| Kept | {before.kept} | {after.kept} |"
    ]
    if not (preview.added or preview.sooner or preview.removed):
        parts.append("No title would go that stays now, or sooner, or would not go.")
    parts += _list("Would go, and stay now", preview.added, NAMED)
    parts += _list("Would go sooner than now", preview.sooner, NAMED)
    parts += _list("Would stay, and go now", preview.removed, NAMED)
    parts += _list(
        "⚠️ Would go although nobody has watched them",
        preview.unwatched,
        UNWATCHED_NAMED,
    )
    parts.append(
        "Keeps, favorites and the grace period are not counted in: "
        "they can only save titles."
    )
    return "\n\n".join(parts)


def _list(title: str, titles: Sequence[PreviewedTitle], named: int) -> list[str]:
    """Return a heading and the first few titles below it; nothing for none."""
    if not titles:
        return []
    lines = []
    for one in titles[:named]:
        assert one.verdict.due_at is not None
        day = dt_util.as_local(one.verdict.due_at).date().isoformat()
        lines.append(f"{one.name}, {day}")
    if len(titles) > named:
        lines.append(f"and {len(titles) - named} more")
    return [f"**{title} ({len(titles)})**\n\n{bullets(lines)}"]
