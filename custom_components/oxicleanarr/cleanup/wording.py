"""How the reasons of this room, of the matching and of the rules become sentences.

And what else is said of a title that leaves. The words are in ``translations``.
"""

from collections.abc import Mapping
from typing import Any, Final

from ..model import Keep, MediaItem, PlannedDeletion, Reason, full_title
from ..retention import SPECIAL as OF_RULES, STANDARD, Special, render, sentence
from ..words import ENGLISH, Words
from .measure import Suspicion
from .reasons import MANUAL, Why


def say(reason: Reason, words: Words = ENGLISH) -> str:
    """Return any reason as a sentence."""
    return sentence(reason, clause(reason, words), words)


def clause(reason: Reason, words: Words = ENGLISH) -> str:
    """Return any reason as a part of a sentence."""
    return render(reason, words, _SPECIAL)


def rule_name(rule: str, words: Words) -> str:
    """Return what a person calls the rule that decided."""
    name = {STANDARD: "rule_default", MANUAL: "rule_manual"}.get(rule)
    return words.text(name) if name else rule


def leaves(entry: PlannedDeletion, words: Words) -> str:
    """Return that a title leaves, in as few words as fit into a day of a calendar."""
    return words.text("leaves", title=full_title(entry))


def leaves_in(entry: PlannedDeletion, days: int, words: Words) -> str:
    """Return when a title leaves, in as few words as fit below a poster."""
    named = {0: "today", 1: "tomorrow"}.get(days)
    when = words.text(named) if named else words.counted("in_days", days)
    return f"{full_title(entry)} · {when}"


def details(entry: PlannedDeletion, words: Words) -> str:
    """Return why a title leaves, and in a second line by which rule and how big it is.

    Some lists put the lines into one.
    """
    facts = [words.text("detail_rule", rule=rule_name(entry.rule, words))]
    if entry.approved_until is not None:
        until = words.day(entry.approved_until)
        facts.append(words.text("detail_approved_until", date=until))
    elif entry.needs_approval:
        facts.append(words.text("detail_needs_approval"))
    if entry.size_bytes is not None:
        facts.append(words.size(entry.size_bytes))
    if entry.requested_by:
        users = words.listed(entry.requested_by)
        facts.append(words.text("detail_requested_by", users=users))
    return f"{say(entry.reason, words)}\n{' · '.join(facts)}"


def kept_details(keep: Keep, words: Words) -> str:
    """Return until when a title is kept, and the user's own words, line by line."""
    lines = []
    if keep.until:
        lines.append(words.text("detail_kept_until", date=words.day(keep.until)))
    return "\n".join([*lines, *([keep.reason] if keep.reason else [])])


def keep_ends(item: MediaItem, words: Words) -> str:
    """Return that a title is no longer kept, for a day of a calendar."""
    return words.text("keep_ends", title=full_title(item))


def _kept_by_user(words: Words, data: Mapping[str, Any]) -> str:
    """Return that a user keeps a title, with the user's own words."""
    title = data["title"]
    if data["ends_at"]:
        until = words.day(data["ends_at"])
        text = words.text("reason_kept_by_user_until", title=title, ends_at=until)
    else:
        text = words.text("reason_kept_by_user", title=title)
    note = data["note"]
    return words.text("with_note", text=text, note=note) if note else text


def _of_bytes(code: Why) -> Special:
    """Return what words the byte limit of the day."""

    def worded(words: Words, data: Mapping[str, Any]) -> str:
        """Return it with the limit in the unit in which it was chosen."""
        return words.text(f"reason_{code}", limit=words.limit(data["bytes"]))

    return worded


def _of_titles(code: Why) -> Special:
    """Return what words a limit of titles."""

    def worded(words: Words, data: Mapping[str, Any]) -> str:
        """Return it with the limit."""
        return words.counted(f"reason_{code}", data["titles"])

    return worded


def _partly_deleted(words: Words, data: Mapping[str, Any]) -> str:
    """Return how far a deletion went, and what stopped it."""
    because: Reason = data["because"]
    name = "reason_partly_deleted"
    if because.code == Why.UNSURE:
        name, because = f"{name}_unsure", because.data["because"]  # type: ignore[assignment]
    return words.counted(
        name,
        data["files"],
        deleted=words.number(data["deleted"]),
        because=clause(because, words),
    )


def _entry_stays(words: Words, data: Mapping[str, Any]) -> str:
    """Return why a title stays in Radarr or Sonarr although its files are gone."""
    name = (
        "reason_entry_stays" if data["monitored"] else "reason_entry_stays_unmonitored"
    )
    because = clause(data["because"], words)
    return words.text(name, server=data["server"], because=because)


def _copy_stays(words: Words, data: Mapping[str, Any]) -> str:
    """Return that a copy stays, and why; older versions have stored neither."""
    if data.get("because") is None:
        return words.text("reason_copy_stays")
    values = {"title": data["title"], "because": clause(data["because"], words)}
    if not data["library"]:
        return words.text("reason_copy_stays_named", **values)
    return words.text("reason_copy_stays_in_library", library=data["library"], **values)


def _several(words: Words, data: Mapping[str, Any]) -> str:
    """Return several reasons as one."""
    return words.clauses([clause(one, words) for one in data["because"]])


def _changed(suspicion: Suspicion) -> Special:
    """Return what words a number that changed, and where that was seen."""

    def worded(words: Words, data: Mapping[str, Any]) -> str:
        """Return it with the name of a library, a user or a server, if there is one."""
        text = words.text(
            f"reason_{suspicion}",
            before=words.number(data["before"]),
            now=words.number(data["now"]),
        )
        where = data["where"]
        return words.text("with_addition", text=text, more=where) if where else text

    return worded


_SPECIAL: Final[Mapping[str, Special]] = {
    **OF_RULES,
    Why.KEPT_BY_USER: _kept_by_user,
    Why.COPY_STAYS: _copy_stays,
    **{code: _of_bytes(code) for code in (Why.BYTE_LIMIT, Why.TOO_LARGE)},
    **{code: _of_titles(code) for code in (Why.ITEM_LIMIT, Why.RUN_LIMIT)},
    Why.PARTLY_DELETED: _partly_deleted,
    Why.ENTRY_STAYS: _entry_stays,
    Why.ENTRIES_STAY: _several,
    Why.SEVERAL_NOTES: _several,
    **{
        suspicion: _changed(suspicion)
        for suspicion in (
            Suspicion.HISTORY_SHRANK,
            Suspicion.INVENTORY_SHRANK,
            Suspicion.PLAYED_SURGED,
            Suspicion.DUE_SURGED,
            Suspicion.FAVORITES_VANISHED,
            Suspicion.TAGS_VANISHED,
            Suspicion.TITLES_UNLISTED,
            Suspicion.REQUESTS_VANISHED,
        )
    },
}
