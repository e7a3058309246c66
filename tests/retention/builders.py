"""Titles and users to judge, with as few words as possible."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.oxicleanarr.model import (
    MediaFacts,
    MediaItem,
    MediaKey,
    MediaKind,
    Outcome,
    Verdict,
)
from custom_components.oxicleanarr.retention import (
    RetentionRules,
    Rule,
    StandardRules,
    evaluate,
    parse_duration,
)

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
ALICE, BOB, CAROL = "a" * 32, "b" * 32, "c" * 32
USERS = {ALICE: "alice", BOB: "Bob", CAROL: "carol"}
NEVER_PLAYED: Mapping[str, datetime] = {}


def date(text: str) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ago(days: float) -> datetime:
    """Return the moment so many days before now."""
    return NOW - timedelta(days=days)


def facts(
    item_id: str,
    kind: MediaKind,
    *,
    played: Mapping[str, datetime | None] | None = None,
    began: Mapping[str, datetime] | None = None,
    added: datetime | None = ago(400),
    tags: Iterable[str] | None = (),
    item: Mapping[str, Any] | None = None,
    **more: Any,
) -> MediaFacts:
    """Return the facts of a title that ``played`` have finished and ``began`` not."""
    played = played or {}
    last = {user: at for user, at in played.items() if at is not None} | dict(
        began or {}
    )
    values: dict[str, Any] = {
        "item": MediaItem(
            item_id=item_id,
            kind=kind,
            title=f"Title {item_id}",
            library_id="lib",
            **{"path": f"/media/{item_id}.mkv", "added_at": added, **(item or {})},
        ),
        "key": MediaKey(f"jellyfin:{item_id}"),
        "library": "Movies" if kind is MediaKind.MOVIE else "Shows",
        "added_at": added,
        "watched_by": frozenset(played),
        "last_watched": last,
        "last_watched_at": max(last.values(), default=None),
        "tags": None if tags is None else frozenset(tags),
        "requesters": (),
    }
    return MediaFacts(**values | more)


def movie(item_id: str = "m1", **more: Any) -> MediaFacts:
    """Return the facts of a movie."""
    return facts(item_id, MediaKind.MOVIE, **more)


def series(item_id: str = "s1", **more: Any) -> MediaFacts:
    """Return the facts of a series, without its episodes."""
    return facts(item_id, MediaKind.SERIES, **more)


def episode(
    number: int | None,
    season: int | None = 1,
    *,
    of: str = "s1",
    aired: datetime | None = ago(400),
    item_id: str | None = None,
    item: Mapping[str, Any] | None = None,
    **more: Any,
) -> MediaFacts:
    """Return the facts of an episode."""
    about = {
        "series_id": of,
        "season": season,
        "episode": number,
        "premiere_at": aired,
    } | dict(item or {})
    name = item_id or f"{of}-s{season}e{number}"
    return facts(name, MediaKind.EPISODE, item=about, **more)


def rules(*advanced: Rule, **standard: Any) -> RetentionRules:
    """Return rules; durations of the standard ones may be given as text."""
    values: dict[str, Any] = {
        key: parse_duration(value) if key.endswith("retention") else value
        for key, value in standard.items()
    }
    return RetentionRules(standard=StandardRules(**values), advanced=advanced)


def verdicts(
    titles: Iterable[MediaFacts], given: RetentionRules, now: datetime = NOW
) -> dict[str, Verdict]:
    """Return the verdicts by item id."""
    found = evaluate(list(titles), given, USERS, now)
    by_id = {verdict.item_id: verdict for verdict in found}
    assert len(by_id) == len(found)
    return by_id


def judge(
    title: MediaFacts | list[MediaFacts],
    given: RetentionRules,
    now: datetime = NOW,
) -> Verdict:
    """Return the verdict on a movie, or on a series given with its episodes."""
    titles = title if isinstance(title, list) else [title]
    return verdicts(titles, given, now)[titles[0].item.item_id]


def kept(verdict: Verdict) -> bool:
    """Return whether a verdict keeps, and check that it is one."""
    assert (verdict.outcome is Outcome.KEEP) is (verdict.due_at is None)
    assert verdict.reason
    return verdict.outcome is Outcome.KEEP
