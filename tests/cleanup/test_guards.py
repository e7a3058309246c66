"""Each guard by itself: what it lets go, what it stops, and what it is not sure of."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.oxicleanarr.cleanup import Limits, Why, clause
from custom_components.oxicleanarr.cleanup.disk import OnDisk
from custom_components.oxicleanarr.cleanup.guards import (
    ENTRY_GUARDS,
    LIVE_GUARDS,
    SAME_MOMENT,
    EntryView,
    LiveView,
    no,
    objection,
    unknown,
)
from custom_components.oxicleanarr.ledger import PlayMemory, Remembered, Source
from custom_components.oxicleanarr.model import (
    Approval,
    MediaFile,
    MediaFiles,
    MediaItem,
    MediaKind,
    PlannedDeletion,
    Reason,
    Session,
    UserData,
    media_key,
)

from .conftest import Cleaner
from .test_execute import reasons, watch

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
ALICE, BOB = "a" * 32, "b" * 32
MOVIES, SHOWS = "/media/movies", "/media/shows"


def ago(days: float) -> datetime:
    """Return the moment so many days before now."""
    return NOW - timedelta(days=days)


FILM = MediaItem(
    item_id="f" * 32,
    kind=MediaKind.MOVIE,
    title="Film",
    library_id="1" * 32,
    path=f"{MOVIES}/Film (2000)/Film (2000).mkv",
    added_at=ago(100),
    provider_ids={"tmdb": "603"},
)
SHOW = MediaItem(
    item_id="5" * 32,
    kind=MediaKind.SERIES,
    title="Show",
    library_id="2" * 32,
    path=f"{SHOWS}/Show",
    added_at=ago(100),
    provider_ids={"tvdb": "81189"},
)
EPISODE = MediaItem(
    item_id="e" * 32,
    kind=MediaKind.EPISODE,
    title="Pilot",
    library_id="2" * 32,
    path=f"{SHOWS}/Show/Season 1/Show S01E01.mkv",
    added_at=ago(100),
    series_id=SHOW.item_id,
    season_id="6" * 32,
    season=1,
    episode=1,
)


def entry(item: MediaItem = FILM, **changes: Any) -> PlannedDeletion:
    """Return an entry that alice has watched and that is due."""
    values: dict[str, Any] = {
        "item_id": item.item_id,
        "key": media_key(item),
        "kind": item.kind,
        "title": item.title,
        "year": item.year,
        "series": item.series_title,
        "season": item.season,
        "episode": item.episode,
        "size_bytes": 1000,
        "watched": True,
        "watched_by": ("alice",),
        "last_watched_at": ago(30),
        "added_at": item.added_at,
        "rule": "standard",
        "rule_type": "standard",
        "reason": Reason.from_text("watched long ago"),
        "due_at": ago(1),
        "first_scheduled_at": ago(4),
        "path": item.path,
        "watcher_ids": frozenset({ALICE}),
    }
    return PlannedDeletion(**values | changes)


def entry_view(about: Mapping[str, Any] = {}, **changes: Any) -> EntryView:
    """Return a view of an entry against which nothing speaks, but for the changes."""
    values: dict[str, Any] = {
        "now": NOW,
        "entry": entry(**about),
        "limits": Limits(),
        "begun": 0,
        "spent": frozenset(),
        "spent_bytes": 0,
        "taken": 0,
    }
    return EntryView(**values | changes)


def live_view(
    target: MediaItem = FILM,
    *,
    live: Mapping[str, Any] = {},
    known: Mapping[str, Any] = {},
    about: Mapping[str, Any] = {},
    **changes: Any,
) -> LiveView:
    """Return a view of a file against which nothing speaks, but for the changes."""
    series = SHOW if target.kind is MediaKind.EPISODE else None
    remembered: dict[str, Any] = {
        "key": media_key(target, series),
        "series": series,
        "memories": {ALICE: PlayMemory(played=True, touched=True)},
        "kept": False,
        "unsettled": False,
        "part_memories": {},
        "files": (MediaFile(file_id=target.item_id, path=target.path or "?"),),
        "own_paths": frozenset({target.path} if target.path else ()),
        "neighbours": (),
        "locations": (MOVIES, SHOWS),
        "aliases": frozenset({target.item_id}),
    }
    values: dict[str, Any] = {
        "now": NOW,
        "entry": entry(target, **about),
        "target": target,
        "known": Remembered(**remembered | dict(known)),
        "live": replace(target, **live),
        "user_data": {ALICE: seen(), BOB: seen(played=False, play_count=0, at=None)},
        "favorites": {ALICE: frozenset(), BOB: frozenset()},
        "favorites_keep": True,
        "sessions": (),
        "scanning": False,
        "on_disk": OnDisk(),
    }
    return LiveView(**values | changes)


def seen(*, at: datetime | None = ago(30), **changes: Any) -> UserData:
    """Return what Jellyfin says of a user who has watched it."""
    values: dict[str, Any] = {"item_id": FILM.item_id, "played": True, "play_count": 1}
    return UserData(**values | {"last_played_at": at} | changes)


def answers(view: EntryView | LiveView) -> dict[str, str]:
    """Return which of the room's guards speak against a deletion, and how."""
    if isinstance(view, EntryView):
        found = {guard.__name__: guard(view) for guard in ENTRY_GUARDS}
    else:
        found = {guard.__name__: guard(view) for guard in LIVE_GUARDS}
    return {name: clause(one.because) for name, one in found.items() if one}


def test_nothing_speaks_against_what_is_due_and_as_it_was() -> None:
    """All guards let it go: a film, and an episode as part of its series."""
    assert answers(entry_view()) == {}
    assert answers(live_view()) == {}
    assert answers(live_view(EPISODE)) == {}
    assert objection(ENTRY_GUARDS, entry_view()) is None
    assert objection(LIVE_GUARDS, live_view()) is None


def test_the_first_objection_is_told() -> None:
    """And it says whether it is a fact, or something that is not known."""
    view = live_view(known={"unsettled": True, "kept": True}, scanning=True)
    found = objection(LIVE_GUARDS, view)
    assert found == unknown(Why.UNSETTLED)
    assert found.because.code == Why.UNSURE
    assert found.known is False
    kept = objection(LIVE_GUARDS, live_view(known={"kept": True}))
    assert kept == no(Why.KEPT)
    assert kept.known
    assert clause(kept.because) == "it is kept"


@pytest.mark.parametrize(
    ("due_at", "said"),
    [
        (ago(1), {}),
        (NOW, {}),
        (NOW + timedelta(seconds=1), {"due": "not before February 1, 2026"}),
        (ago(-9), {"due": "not before February 10, 2026"}),
    ],
)
def test_due(due_at: datetime, said: dict[str, str]) -> None:
    """From the very moment on."""
    assert answers(entry_view({"due_at": due_at})) == said


def approval(until: datetime | None, **changes: Any) -> Approval:
    """Return what an admin was asked about the film, and until when they allow it."""
    film = entry()
    values: dict[str, Any] = {
        "name": film.name,
        "item_id": film.item_id,
        "rule": film.rule,
        "rule_type": film.rule_type,
        "target_ids": frozenset(film.target_ids),
    }
    return Approval(**values | {"until": until} | changes)


@pytest.mark.parametrize(
    ("approvals", "approved"),
    [
        ([], False),
        ([approval(None)], False),
        ([approval(ago(1))], False),
        ([approval(NOW)], False),
        ([approval(NOW + timedelta(seconds=1))], True),
        ([approval(ago(-1), rule="another")], False),
        ([approval(ago(-1), item_id="0" * 32), approval(ago(-1))], True),
        ([approval(None), approval(ago(1), rule="another")], False),
    ],
)
def test_approved(approvals: list[Approval], approved: bool) -> None:
    """What asks first has one that is about it and not over; all else needs none."""
    view = entry_view(asks_first=True, approvals=approvals)
    waits = no(Why.NOT_APPROVED)
    assert objection(ENTRY_GUARDS, view) == (None if approved else waits)
    assert answers(replace(view, asks_first=False)) == {}


@pytest.mark.parametrize(
    ("begun", "said"),
    [
        (0, {}),
        (24, {}),
        (
            25,
            {
                "within_items": "the limit of 25 titles in 24 hours is reached. The rest follows later"
            },
        ),
        (
            26,
            {
                "within_items": "the limit of 25 titles in 24 hours is reached. The rest follows later"
            },
        ),
    ],
)
def test_within_items(begun: int, said: dict[str, str]) -> None:
    """Twenty-five, where nobody has said otherwise."""
    spent = frozenset(map(str, range(begun)))
    assert answers(entry_view(spent=spent)) == said


def test_what_was_begun_may_be_ended() -> None:
    """A series of which some episodes went yesterday is no further title."""
    view = entry_view(limits=Limits(max_items=1))
    assert answers(replace(view, spent=frozenset({view.entry.counted_as}))) == {}
    assert "within_items" in answers(replace(view, spent=frozenset({"other"})))


def test_a_run_of_one_title_at_a_time() -> None:
    """What it frees has to be seen before the next one goes."""
    limits = Limits(most_in_run=1)
    assert answers(entry_view(limits=limits)) == {}
    assert answers(entry_view(limits=limits, begun=1)) == {
        "within_run": "the limit of 1 title in one run is reached. The rest follows later"
    }


def test_a_run_of_no_titles_deletes_none() -> None:
    """A limit of zero is a limit."""
    said = {
        "within_items": "the limit of 0 titles in 24 hours is reached. The rest follows later"
    }
    assert answers(entry_view(limits=Limits(max_items=0))) == said


@pytest.mark.parametrize(
    ("limit", "before", "size", "said"),
    [
        (None, 10**15, None, {}),
        (1000, 0, 1000, {}),
        (
            1000,
            0,
            1001,
            {
                "within_bytes": (
                    "it is larger than the limit of 1,000 bytes in 24 hours. Increase"
                    " Maximum gigabytes per day in the options, or delete it yourself"
                )
            },
        ),
        (
            1000,
            1,
            1000,
            {
                "within_bytes": "the limit of 1,000 bytes in 24 hours is reached. The rest follows later"
            },
        ),
        (3000, 2000, 1000, {}),
        (1000, 1000, 0, {}),
        (
            3000,
            2001,
            1000,
            {
                "within_bytes": "the limit of 3,000 bytes in 24 hours is reached. The rest follows later"
            },
        ),
        (
            0,
            0,
            1,
            {
                "within_bytes": (
                    "it is larger than the limit of 0 bytes in 24 hours. Increase"
                    " Maximum gigabytes per day in the options, or delete it yourself"
                )
            },
        ),
        (
            3000,
            0,
            None,
            {
                "within_bytes": (
                    "skipped to be safe: "
                    "its size is not known, and the size of deletions is limited."
                    " Clear Maximum gigabytes per day in the options, or delete it"
                    " yourself"
                )
            },
        ),
    ],
)
def test_within_bytes(
    limit: int | None, before: int, size: int | None, said: dict[str, str]
) -> None:
    """What went before counts, and a size that nobody knows fits into no limit."""
    view = entry_view(
        {"size_bytes": size}, limits=Limits(max_bytes=limit), spent_bytes=before
    )
    assert answers(view) == said


@pytest.mark.parametrize(
    ("enough", "taken", "said"),
    [
        (None, 10**15, {}),
        (1000, 999, {}),
        (1000, 1000, {"still_needed": "there is enough free space again"}),
        (1000, 1001, {"still_needed": "there is enough free space again"}),
        (0, 0, {"still_needed": "there is enough free space again"}),
    ],
)
def test_still_needed(enough: int | None, taken: int, said: dict[str, str]) -> None:
    """The disk has what it needs."""
    view = entry_view(limits=Limits(enough_bytes=enough), taken=taken)
    assert answers(view) == said


@pytest.mark.parametrize("kind", list(MediaKind))
@pytest.mark.parametrize("source", list(Source))
def test_sources_answered(source: Source, kind: MediaKind) -> None:
    """A film may owe its place in the plan to Radarr, all else to Sonarr."""
    concerned = {
        Source.RADARR: kind is MediaKind.MOVIE,
        Source.SONARR: kind is not MediaKind.MOVIE,
        Source.SEERR: True,
    }
    name = source.capitalize()
    said = {
        "sources_answered": (
            f"skipped to be safe: {name} did not respond when it was last asked"
        )
    }
    view = entry_view({"kind": kind}, silent=frozenset({source}))
    assert answers(view) == (said if concerned[source] else {})


def test_settled() -> None:
    """Nothing is tried again before it is known how it ended."""
    assert answers(live_view(known={"unsettled": True})) == {
        "settled": (
            "skipped to be safe: it was deleted before, and that is not confirmed yet"
        )
    }


@pytest.mark.parametrize("kind", [MediaKind.SERIES, MediaKind.SEASON])
def test_only_files(kind: MediaKind) -> None:
    """A folder would go with everything in it, whatever the entry says it is."""
    said = {"only_files": "it is a folder, and only single files are deleted"}
    assert answers(live_view(replace(SHOW, kind=kind))) == said


def test_still_there() -> None:
    """Of what is gone there is nothing else to say."""
    said = {"still_there": "it is no longer in Jellyfin"}
    assert answers(replace(live_view(), live=None)) == said


@pytest.mark.parametrize(
    ("target", "live", "said"),
    [
        (FILM, {"kind": MediaKind.EPISODE}, "Jellyfin shows something else"),
        (FILM, {"provider_ids": {"tmdb": "604"}}, "its identity in Jellyfin"),
        (FILM, {"provider_ids": {}}, "its identity in Jellyfin"),
        (FILM, {"provider_ids": {"tmdb": "603", "imdb": "tt1"}}, None),
        (FILM, {"title": "Film, the"}, None),
        (EPISODE, {"episode": 2}, "its identity in Jellyfin"),
        (EPISODE, {"season": 2}, "its identity in Jellyfin"),
        (EPISODE, {"title": "The Pilot"}, None),
    ],
)
def test_same_identity(
    target: MediaItem, live: dict[str, Any], said: str | None
) -> None:
    """Another film, another episode: not what the plan was made for."""
    found = answers(live_view(target, live=live))
    assert list(found) == (["same_identity"] if said else [])
    assert found.get("same_identity", "").startswith(said or "")


@pytest.mark.parametrize("there", [None, "", "/media/movies/Film/Film.mkv"])
@pytest.mark.parametrize("known", [None, "", FILM.path])
def test_same_path(known: str | None, there: str | None) -> None:
    """A path that one side does not know is not the same, nor are two of them."""
    said = "skipped to be safe: its path is not known"
    if known and there:
        said = "its file has been moved since the last sync"
    found = answers(live_view(replace(FILM, path=known), live={"path": there}))
    assert found["same_path"] == said


@pytest.mark.parametrize(
    ("since", "known", "said"),
    [
        (SAME_MOMENT, ago(100), None),
        (-SAME_MOMENT, ago(100), None),
        (
            SAME_MOMENT * 1.001,
            ago(100),
            "its file has been replaced since the last sync",
        ),
        (
            -SAME_MOMENT * 1.001,
            ago(100),
            "its file has been replaced since the last sync",
        ),
        (
            timedelta(days=90),
            ago(100),
            "its file has been replaced since the last sync",
        ),
        (
            None,
            ago(100),
            "skipped to be safe: Jellyfin doesn't say when its file was added",
        ),
        (
            timedelta(),
            None,
            "skipped to be safe: Jellyfin doesn't say when its file was added",
        ),
        (
            None,
            None,
            "skipped to be safe: Jellyfin doesn't say when its file was added",
        ),
    ],
)
def test_same_file(
    since: timedelta | None, known: datetime | None, said: str | None
) -> None:
    """Jellyfin tells since when it is there more finely than it is remembered."""
    there = None if since is None else ago(100) + since
    view = live_view(replace(FILM, added_at=known), live={"added_at": there})
    assert answers(view) == ({"same_file": said} if said else {})


def test_not_kept() -> None:
    """A keep that was given after the plan was made."""
    assert answers(live_view(known={"kept": True})) == {"not_kept": "it is kept"}


@pytest.mark.parametrize(
    "favorite", [EPISODE.item_id, EPISODE.season_id, EPISODE.series_id, "9" * 32]
)
def test_not_favorite(favorite: str) -> None:
    """Of anybody: the episode, its season, its series, or what the entry is about."""
    about = {"item_id": "9" * 32, "kind": MediaKind.SEASON}
    favorites = {ALICE: frozenset({"0" * 32}), BOB: frozenset({favorite})}
    view = live_view(EPISODE, about=about, favorites=favorites)
    assert answers(view) == {"not_favorite": "it is a favorite"}
    assert answers(replace(view, favorites_keep=False)) == {}
    others = {ALICE: frozenset({"0" * 32}), BOB: frozenset({FILM.item_id})}
    assert answers(replace(view, favorites=others)) == {}


def test_not_favorite_at_this_moment() -> None:
    """It was made one after the favourites had been read."""
    loved = {ALICE: seen(), BOB: seen(played=False, at=None, favorite=True)}
    view = live_view(user_data=loved)
    assert answers(view) == {"not_favorite": "it is a favorite"}
    assert answers(replace(view, favorites_keep=False)) == {}


@pytest.mark.parametrize("playing", [FILM.item_id, "7" * 32, SHOW.item_id])
def test_not_playing(playing: str) -> None:
    """By its own id, by one that it had, or as part of what the entry is about."""
    sessions = (
        Session(user_id=None, item_ids=frozenset()),
        Session(user_id=BOB, item_ids=frozenset({"0" * 32, playing})),
    )
    view = live_view(
        known={"aliases": frozenset({"7" * 32})},
        about={"item_id": SHOW.item_id},
        sessions=sessions,
    )
    assert answers(view) == {"not_playing": "it is being played"}
    another = (Session(user_id=BOB, item_ids=frozenset({"0" * 32})),)
    assert answers(replace(view, sessions=another)) == {}


FOLDER = f"{MOVIES}/Film (2000)"
DISC = replace(FILM, path=FOLDER, is_disc=True)
LOOSE = replace(FILM, path=f"{MOVIES}/Film (2000).mkv")
BESIDE = (("8" * 32, f"{FOLDER}/Another.mkv"),)


@pytest.mark.parametrize(
    ("target", "changes", "path", "stays"),
    [
        (FILM, {}, FILM.path, True),
        (FILM, {}, f"{FOLDER}/extras/Making of.mkv", True),
        (FILM, {}, f"{FOLDER}2/Film.mkv", False),
        (FILM, {}, None, False),
        # In a folder with another film only its own files are its own.
        (FILM, {"neighbours": BESIDE}, FILM.path, True),
        (FILM, {"neighbours": BESIDE}, f"{FOLDER}/Another.mkv", False),
        (
            FILM,
            {"own_paths": frozenset({f"{FOLDER}2/B.mkv"})},
            f"{FOLDER}2/B.mkv",
            True,
        ),
        # Nor is a whole library a film's.
        (LOOSE, {}, LOOSE.path, True),
        (LOOSE, {}, f"{MOVIES}/Other (2001)/Other (2001).mkv", False),
        (LOOSE, {"locations": (SHOWS,)}, f"{MOVIES}/Other.mkv", True),
        (DISC, {}, f"{FOLDER}/BDMV/STREAM/00001.m2ts", True),
        (DISC, {"neighbours": BESIDE}, f"{FOLDER}/BDMV/STREAM/00001.m2ts", True),
        (DISC, {}, f"{MOVIES}/Other.mkv", False),
        (EPISODE, {}, EPISODE.path, True),
        (EPISODE, {}, f"{SHOWS}/Show/Season 1/Show S01E02.mkv", False),
        (replace(FILM, path=None), {"own_paths": frozenset()}, FILM.path, False),
    ],
)
def test_not_playing_by_path(
    target: MediaItem, changes: dict[str, Any], path: str | None, stays: bool
) -> None:
    """An extra or a part says nothing but where it is."""
    session = Session(user_id=BOB, item_ids=frozenset({"0" * 32}), path=path)
    found = answers(live_view(target, known=changes, sessions=(session,)))
    assert ("not_playing" in found) is stays


@pytest.mark.parametrize(
    ("kind", "series", "path", "stays"),
    [
        (MediaKind.SERIES, SHOW, f"{SHOWS}/Show/extras/Making of.mkv", True),
        (MediaKind.SERIES, SHOW, f"{SHOWS}/Show 2/Season 1/S01E01.mkv", False),
        (MediaKind.SEASON, SHOW, f"{SHOWS}/Show/extras/Making of.mkv", False),
        (MediaKind.EPISODE, SHOW, f"{SHOWS}/Show/extras/Making of.mkv", False),
        (MediaKind.SERIES, None, f"{SHOWS}/Show/extras/Making of.mkv", False),
        (MediaKind.SERIES, replace(SHOW, path=None), f"{SHOWS}/Film.mkv", False),
    ],
)
def test_not_playing_in_the_folder_of_a_series(
    kind: MediaKind, series: MediaItem | None, path: str, stays: bool
) -> None:
    """All of it is the series', but not the episode's."""
    session = Session(user_id=BOB, item_ids=frozenset({"0" * 32}), path=path)
    view = live_view(
        EPISODE, known={"series": series}, about={"kind": kind}, sessions=(session,)
    )
    assert ("not_playing" in answers(view)) is stays


NOT_WATCHED = {"still_watched": "it is no longer marked as watched"}
NOT_SAID = {
    "still_watched": ("skipped to be safe: Jellyfin does not say who has watched it")
}
UNTOUCHED = seen(played=False, play_count=0, at=None)


@pytest.mark.parametrize(
    ("user_data", "said"),
    [
        ({ALICE: seen()}, {}),
        # A re-watch takes the flag away, and is no un-mark.
        ({ALICE: seen(played=False)}, {}),
        ({ALICE: UNTOUCHED}, NOT_WATCHED),
        ({ALICE: UNTOUCHED, BOB: seen()}, NOT_WATCHED),
        ({BOB: seen()}, NOT_SAID),
        ({}, NOT_SAID),
    ],
)
def test_still_watched(user_data: dict[str, UserData], said: dict[str, str]) -> None:
    """By one of those for whom the plan says so; of others it does not help."""
    assert answers(live_view(user_data=user_data)) == said


def test_still_watched_by_one_of_several() -> None:
    """One is enough; where one is not known and none is left, it is not known."""
    about = {"watcher_ids": frozenset({ALICE, BOB})}
    memories = {one: PlayMemory(played=True, touched=True) for one in (ALICE, BOB)}
    view = live_view(about=about, known={"memories": memories})
    for user_data, said in (
        ({ALICE: UNTOUCHED, BOB: seen()}, {}),
        ({ALICE: seen(), BOB: UNTOUCHED}, {}),
        ({BOB: seen()}, {}),
        ({ALICE: seen()}, {}),
        ({ALICE: UNTOUCHED, BOB: UNTOUCHED}, NOT_WATCHED),
        ({BOB: UNTOUCHED}, NOT_SAID),
        ({ALICE: UNTOUCHED}, NOT_SAID),
    ):
        assert answers(replace(view, user_data=user_data)) == said


def test_a_flag_from_an_earlier_life_is_not_watched() -> None:
    """A title that came back is *Played* at once."""
    memories = {ALICE: PlayMemory(played=True, stale=True, touched=True)}
    assert answers(live_view(known={"memories": memories})) == NOT_WATCHED
    assert answers(live_view(known={"memories": {}})) == {}


def test_what_goes_unwatched_need_not_be_watched() -> None:
    """A rule that does not ask for it has put it on the schedule."""
    about = {"watched": False, "watcher_ids": frozenset(), "watched_by": ()}
    nobody = {ALICE: UNTOUCHED, BOB: UNTOUCHED}
    assert answers(live_view(about=about, user_data=nobody)) == {}
    assert answers(live_view(about=about, user_data={})) == {}


@pytest.mark.parametrize(
    ("known", "played", "stays"),
    [
        (ago(30), ago(30), False),
        (ago(30), ago(31), False),
        (ago(30), ago(30) + SAME_MOMENT, False),
        (ago(30), ago(30) + SAME_MOMENT * 1.001, True),
        (ago(30), NOW, True),
        (ago(30), None, False),
        (None, ago(300), True),
        (None, None, False),
    ],
)
def test_no_newer_play(
    known: datetime | None, played: datetime | None, stays: bool
) -> None:
    """Of anybody, finished or not."""
    user_data = {
        ALICE: seen(at=None),
        BOB: seen(played=False, play_count=0, at=played),
    }
    view = live_view(about={"last_watched_at": known}, user_data=user_data)
    said = {"no_newer_play": "somebody has played it since the last sync"}
    assert answers(view) == (said if stays else {})


@pytest.mark.parametrize(
    ("played", "stays"), [(ago(11), False), (ago(10), True), (ago(1), True)]
)
def test_no_newer_play_of_this_copy(played: datetime, stays: bool) -> None:
    """What was played before its life began was another copy."""
    view = live_view(
        about={"last_watched_at": None},
        known={"life_started_at": ago(10)},
        user_data={ALICE: seen(at=None), BOB: seen(played=False, at=played)},
    )
    assert ("no_newer_play" in answers(view)) is stays


@pytest.mark.parametrize(
    "old",
    [
        {ALICE: seen(at=None)},
        {ALICE: seen(at=ago(50))},
        {ALICE: seen(at=ago(-400))},
    ],
    ids=["never", "another copy", "ahead of time"],
)
def test_an_old_play_hides_no_newer_one(old: dict[str, UserData]) -> None:
    """What one user did says nothing about the one who is asked after them."""
    known = {
        "life_started_at": ago(40),
        "plays_ahead": frozenset({(ALICE, ago(-400))}),
    }
    played = seen(played=False, at=ago(1))
    assert answers(live_view(known=known, user_data=old)).keys() <= {"still_watched"}
    assert "no_newer_play" in answers(
        live_view(known=known, user_data={**old, BOB: played})
    )
    # Nor about another copy, or a further part.
    other = live_view().known
    for more in (
        {"copies": [({BOB: played}, other)]},
        {"parts": {BOB: [played]}},
    ):
        view = live_view(known=known, user_data=old, **more)
        assert "no_newer_play" in answers(view)


@pytest.mark.parametrize(
    ("user_id", "at", "stays"),
    [
        (BOB, ago(-400), False),
        (BOB, ago(-400) + SAME_MOMENT, False),
        (BOB, ago(-400) - SAME_MOMENT * 1.001, True),
        (BOB, ago(-401), True),
        (ALICE, ago(-400), True),
    ],
)
def test_a_play_ahead_of_time_is_new_only_once(
    user_id: str, at: datetime, stays: bool
) -> None:
    """Its date stays in the future; that it was seen before is what counts."""
    view = live_view(
        known={"plays_ahead": frozenset({(user_id, at)})},
        user_data={ALICE: seen(at=None), BOB: seen(played=False, at=ago(-400))},
    )
    assert ("no_newer_play" in answers(view)) is stays


def test_no_scan_running() -> None:
    """Its row could stay behind."""
    said = {"no_scan_running": "Jellyfin is scanning its libraries"}
    assert answers(live_view(scanning=True)) == said


def test_on_disk() -> None:
    """The file that is not to be seen is named, and why is not known."""
    view = live_view(on_disk=OnDisk(unseen=("/a/Film.mkv", "/b/Other.mkv")))
    assert answers(view) == {
        "on_disk": (
            'skipped to be safe: Jellyfin can\'t see "Film.mkv" on disk. Check that the'
            " disk is mounted and that Jellyfin may read it"
        )
    }


@pytest.mark.parametrize(
    ("target", "other", "said"),
    [
        # Beside it
        (FILM, f"{FOLDER}/Film (2000) - Extended.mkv", "would also delete"),
        (FILM, f"{FOLDER}/film (2000)2.avi", "would also delete"),
        (FILM, f"{FOLDER}/FILM (2000).MP4", "would also delete"),
        (FILM, f"{FOLDER}/Another.mkv", None),
        (FILM, f"{FOLDER}/The Film (2000).mkv", None),
        # Below its folder, which would go as a whole
        (
            FILM,
            f"{FOLDER}/Bonus/Another.mkv",
            "its folder contains other titles. Give it a folder of its own",
        ),
        (
            FILM,
            f"{FOLDER}/Bonus/Film (2000) B.mkv",
            "its folder contains other titles. Give it a folder of its own",
        ),
        # An episode goes alone
        (EPISODE, f"{SHOWS}/Show/Season 1/Show S01E01-2.mkv", "would also delete"),
        (EPISODE, f"{SHOWS}/Show/Season 1/Show S01E02.mkv", None),
        (EPISODE, f"{SHOWS}/Show/Season 1/Extras/Show S01E03.mkv", None),
    ],
)
def test_alone_under_its_name(target: MediaItem, other: str, said: str | None) -> None:
    """What Jellyfin would take along that belongs to another title."""
    for turn in (str, _on_windows):
        neighbours = (("8" * 32, turn(other)),)
        view = live_view(target, known={"neighbours": neighbours})
        found = answers(view)
        assert list(found) == (["alone_under_its_name"] if said else [])
        assert (said or "") in found.get("alone_under_its_name", "")
        # Its own versions are no other titles, whatever id they have.
        own = {"neighbours": neighbours, "own_paths": frozenset({turn(other)})}
        assert answers(live_view(target, known=own)) == {}
        same = ((target.item_id, turn(other)),)
        assert answers(live_view(target, known={"neighbours": same})) == {}
        # Radarr and Sonarr take nothing along.
        assert answers(replace(view, owners=1, on_disk=OnDisk(for_jellyfin=0))) == {}
        # What Jellyfin has to delete beside them takes as much along.
        beside = replace(view, owners=1, on_disk=OnDisk(for_jellyfin=1))
        assert answers(beside) == found


def _on_windows(path: str) -> str:
    """Return a path as Jellyfin on Windows shows it."""
    return path.replace("/", "\\")


def test_what_is_beside_it_is_named() -> None:
    """The user can look for it."""
    neighbours = (("8" * 32, f"{FOLDER}/Film (2000) - Extended.mkv"),)
    found = answers(live_view(known={"neighbours": neighbours}))
    assert found == {
        "alone_under_its_name": (
            'Jellyfin would also delete "Film (2000) - Extended.mkv". Rename one of them, or move it'
        )
    }


@pytest.mark.parametrize(
    ("target", "others", "for_jellyfin", "found"),
    [
        # Jellyfin deletes an episode's one file, and only a film's folder.
        (EPISODE, (), 1, None),
        (EPISODE, (), 2, Why.SEVERAL_FILES),
        (EPISODE, (), 3, Why.SEVERAL_FILES),
        (FILM, (), 2, None),
        # Of a film in parts it would delete the first one where there is another film.
        (replace(FILM, part_count=2), BESIDE, 2, Why.PARTS_AMONG_OTHERS),
        (replace(FILM, part_count=2), (), 2, None),
        (FILM, BESIDE, 2, None),
        # A disc is its folder: nothing is beside it.
        (DISC, (), 1, None),
        (DISC, BESIDE, 1, Why.FOLDER_HOLDS_TITLES),
    ],
)
def test_what_jellyfin_would_leave_or_take(
    target: MediaItem,
    others: tuple[tuple[str, str], ...],
    for_jellyfin: int,
    found: Why | None,
) -> None:
    """All of a title goes and nothing else, or it stays."""
    view = live_view(
        target,
        known={"neighbours": others},
        on_disk=OnDisk(for_jellyfin=for_jellyfin),
    )
    assert objection(LIVE_GUARDS, view) == (None if found is None else no(found))


@pytest.mark.parametrize(
    "changes", [{"source_count": 2}, {"part_count": 2}, {"is_disc": True}]
)
def test_files_known(changes: dict[str, Any]) -> None:
    """What it is made of has not changed, and each file of it is known."""
    view = live_view(live=changes)
    assert objection(LIVE_GUARDS, view) == no(Why.FILES_CHANGED)
    view = live_view(known={"files": ()})
    assert objection(LIVE_GUARDS, view) == unknown(Why.FILES_UNKNOWN)


@pytest.mark.parametrize(
    ("location", "stays"),
    [
        (FOLDER, True),
        (f"{FOLDER}/", True),
        (f"{FOLDER}/Shorts", True),
        (f"{FOLDER}/Shorts/", True),
        (MOVIES, False),
        (f"{FOLDER}X", False),
        ("/media/films", False),
    ],
)
def test_no_library_in_its_folder(location: str, stays: bool) -> None:
    """The folder of a film goes with the film, and all that is in it."""
    said = {
        "alone_under_its_name": "its folder contains a library. Give it a folder of its own"
    }
    for turn in (str, _on_windows):
        known: dict[str, Any] = {"locations": (SHOWS, turn(location))}
        assert answers(live_view(known=known)) == (said if stays else {})
        # With another film beside it, it goes without its folder.
        loose = known | {"neighbours": (("8" * 32, f"{FOLDER}/Another.mkv"),)}
        assert answers(live_view(known=loose)) == {}
    season = {"locations": (f"{SHOWS}/Show/Season 1",)}
    assert answers(live_view(EPISODE, known=season)) == {}


def test_a_library_in_a_folder_of_any_name() -> None:
    """Nothing is cut off from its name but the slash."""
    film = replace(FILM, path=f"{MOVIES}/X/Film.mkv")
    said = {
        "alone_under_its_name": "its folder contains a library. Give it a folder of its own"
    }
    view = live_view(film, known={"locations": (f"{MOVIES}/X/Shorts",)})
    assert answers(view) == said
    assert answers(live_view(film, known={"locations": (MOVIES,)})) == {}


def test_without_a_path_everything_is_beside_it() -> None:
    """Not even its name is known then."""
    neighbours = (("8" * 32, "Another.mkv"),)
    view = live_view(replace(FILM, path=None), known={"neighbours": neighbours})
    assert answers(view) == {
        "same_path": "skipped to be safe: its path is not known",
        "alone_under_its_name": 'Jellyfin would also delete "Another.mkv". Rename one of them, or move it',
    }


def test_a_film_of_a_windows_server() -> None:
    """Its own path has the other slashes as well."""
    film = replace(FILM, path=_on_windows(str(FILM.path)))
    assert answers(live_view(film)) == {}
    neighbours = (("8" * 32, _on_windows(f"{FOLDER}/Film (2000) B.mkv")),)
    found = answers(live_view(film, known={"neighbours": neighbours}))
    assert found == {
        "alone_under_its_name": 'Jellyfin would also delete "Film (2000) B.mkv". Rename one of them, or move it'
    }


@pytest.mark.parametrize(
    ("path", "location"),
    [("/Film.mkv", "/"), ("/Film.mkv", "/media"), ("D:\\Film.mkv", "D:\\")],
)
def test_a_film_at_the_root_of_a_disk(path: str, location: str) -> None:
    """Its folder is the whole disk, and the library begins there."""
    view = live_view(replace(FILM, path=path), known={"locations": (location,)})
    said = {
        "alone_under_its_name": "its folder contains a library. Give it a folder of its own"
    }
    assert answers(view) == said


@pytest.mark.parametrize(
    ("sizes", "gone"),
    [
        ((1000, 900, 500), ["Alpha", "Charlie"]),
        ((600, 600, 600), ["Alpha", "Bravo"]),
        ((0, 1500, 1), ["Alpha", "Bravo"]),
    ],
)
async def test_a_run_ends_at_its_bytes(
    cleaner: Cleaner, sizes: tuple[int, ...], gone: list[str]
) -> None:
    """What still fits goes."""
    watch(cleaner, "Alpha", days=30)
    watch(cleaner, "Bravo", days=20)
    watch(cleaner, "Charlie", days=10)
    plan = await cleaner.due_plan()
    assert [one.title for one in plan.entries] == ["Alpha", "Bravo", "Charlie"]
    entries = [
        replace(one, size_bytes=size)
        for one, size in zip(plan.entries, sizes, strict=True)
    ]
    cleaner.limits = Limits(max_bytes=1500)
    report = await cleaner.run(entries)
    assert [one.title for one in report.deleted] == gone
    assert set(reasons(report.skipped).values()) == {
        "the limit of 1,500 bytes in 24 hours is reached. The rest follows later"
    }


async def test_a_run_ends_when_the_disk_has_what_it_needs(cleaner: Cleaner) -> None:
    """The rest stays."""
    watch(cleaner, "Alpha", days=30)
    watch(cleaner, "Bravo", days=20)
    plan = await cleaner.due_plan()
    cleaner.home.ledger.store_files(
        [MediaFiles(item_id=one.item_id, size_bytes=1000) for one in plan.entries]
    )
    cleaner.limits = Limits(enough_bytes=1000)
    report = await cleaner.run()
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert reasons(report.skipped) == {"Bravo": "there is enough free space again"}


async def test_nothing_goes_while_a_server_is_silent(cleaner: Cleaner) -> None:
    """It could say today what keeps a title."""
    watch(cleaner, "Alpha", "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    cleaner.home.ledger.note_answer(Source.SONARR, False)
    report = await cleaner.run(plan.entries)
    assert [one.title for one in report.deleted] == ["Alpha"]
    assert reasons(report.skipped) == {
        "Show": "skipped to be safe: Sonarr did not respond when it was last asked"
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"path": "/media/movies/Elsewhere.mkv"}, "its file has been moved"),
        ({"path": None}, "skipped to be safe: its path is not known"),
        ({"kind": MediaKind.SERIES}, "Jellyfin shows something else under this ID"),
        (
            {"added_at": None},
            "skipped to be safe: Jellyfin doesn't say when its file was added",
        ),
    ],
)
async def test_what_is_another_file_by_now_stays(
    cleaner: Cleaner,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    said: str,
) -> None:
    """Under the same id."""
    watch(cleaner, "Alpha")
    await cleaner.due_plan()
    read = cleaner.home.jellyfin.items

    async def another(item_ids: Collection[str]) -> dict[str, MediaItem]:
        """Return the items, changed."""
        found = await read(item_ids)
        return {item_id: replace(one, **changes) for item_id, one in found.items()}

    monkeypatch.setattr(cleaner.home.jellyfin, "items", another)
    before = cleaner.files()
    report = await cleaner.run()
    assert report.deleted == []
    assert reasons(report.skipped)["Alpha"].startswith(said)
    assert cleaner.files() == before


@pytest.mark.parametrize("kind", [MediaKind.MOVIE, MediaKind.EPISODE])
async def test_no_folder_is_ever_deleted(cleaner: Cleaner, kind: MediaKind) -> None:
    """Also not where a plan takes it for a file."""
    watch(cleaner, "E1", "E2", "E3")
    (entry,) = (await cleaner.due_plan()).entries
    before = cleaner.files()
    report = await cleaner.run([replace(entry, kind=kind, episode_ids=())])
    assert report.deleted == []
    assert reasons(report.skipped) == {
        "Show": "it is a folder, and only single files are deleted"
    }
    assert cleaner.files() == before


@pytest.mark.parametrize(
    ("target", "had", "has", "reason"),
    [
        (FILM, 0, 0, None),
        (FILM, 1, 1, None),
        (FILM, 2, 2, None),
        (FILM, 1, 0, "Radarr had it at the last sync, but does not list it now"),
        (FILM, 2, 1, "Radarr had it at the last sync, but does not list it now"),
        (EPISODE, 2, 1, None),
        (EPISODE, 1, 0, "Sonarr had it at the last sync, but does not list it now"),
    ],
)
def test_same_owners(target: MediaItem, had: int, has: int, reason: str | None) -> None:
    """What Radarr or Sonarr had does not go behind its back."""
    view = live_view(target, known={"owners": had}, owners=has)
    said = f"skipped to be safe: {reason}"
    assert answers(view) == ({"same_owners": said} if reason else {})


async def test_one_episode_that_has_to_stay_holds_all(cleaner: Cleaner) -> None:
    """Nothing has begun when it is found, also where it would be the last one."""
    watch(cleaner, "E1", "E2", "E3")
    plan = await cleaner.due_plan()
    house = cleaner.home.household
    house.unmark_played(house.user("alice"), cleaner.home.video("E3"))
    before = cleaner.files()
    report = await cleaner.run(plan.entries)
    assert report.failed == []
    assert reasons(report.skipped) == {"Show": "it is no longer marked as watched"}
    assert cleaner.files() == before
