"""Copies of a file in Radarr and Sonarr: which one it is, and what is known of it."""

from dataclasses import replace

import pytest

from custom_components.oxicleanarr.cleanup.copies import (
    Custody,
    EpisodeCopy,
    MovieCopy,
    copy_of,
    setup_of,
)
from custom_components.oxicleanarr.ledger import ArrDeletion
from custom_components.oxicleanarr.model import ArrEpisode, ArrSeries, ArrSetup
from custom_components.oxicleanarr.servers import BadAnswer
from simulators import FaultKind

from .conftest import Owned

UNKNOWN = 4711
SETUP = ArrSetup(
    title_id=7,
    provider_id=4711,
    title="Show",
    path="/shows/Show",
    quality_profile=4,
    monitored=True,
)


def part(
    connection_id: str,
    title_id: int = 1,
    file_ids: tuple[int, ...] = (),
    episode_ids: tuple[int, ...] = (),
) -> ArrDeletion:
    """Return what a row of the journal says of a copy that was monitored."""
    return ArrDeletion(
        connection_id=connection_id,
        app=connection_id.capitalize(),
        title_id=title_id,
        file_ids=file_ids,
        was_monitored=connection_id.startswith("radarr"),
        episode_ids=episode_ids,
    )


async def test_the_copy_that_a_row_names(owned: Owned) -> None:
    """Of two servers of a kind it is the one of that id, if that is still connected."""
    every = owned.cleaner.connections
    (sonarr,) = every.sonarr
    every = replace(every, sonarr=(sonarr, replace(sonarr, connection_id="sonarr4k")))
    for radarr in every.radarr:
        row = part(radarr.connection_id)
        assert copy_of(row, every) == MovieCopy(row, radarr.client)
    for one in every.sonarr:
        row = part(one.connection_id)
        assert copy_of(row, every) == EpisodeCopy(row, one.client)
    assert copy_of(part("radarr8k"), every) is None


async def test_how_many_of_the_files_are_left(owned: Owned) -> None:
    """Of those that were to go; where that is none, nobody is asked."""
    movie, show = owned.radarr.movie("Alpha"), owned.sonarr.show("Show")
    assert movie.file is not None
    for row, left in (
        (part("radarr", movie.id, (movie.file.id, UNKNOWN)), 1),
        (part("radarr", movie.id, (UNKNOWN,)), 0),
        (part("radarr", UNKNOWN, (movie.file.id,)), 0),
        (part("sonarr", show.id, (*sorted(show.files)[:2], UNKNOWN)), 2),
        (part("sonarr", show.id, (UNKNOWN,)), 0),
        (part("sonarr", UNKNOWN, tuple(show.files)), 0),
    ):
        copy = copy_of(row, owned.cleaner.connections)
        assert copy is not None
        assert await copy.files_left() == left
    before = len(owned.radarr.requests), len(owned.sonarr.requests)
    for row in (part("radarr", movie.id), part("sonarr", show.id)):
        wish = copy_of(row, owned.cleaner.connections)
        assert wish is not None
        assert await wish.files_left() == 0
    assert (len(owned.radarr.requests), len(owned.sonarr.requests)) == before


@pytest.mark.parametrize("app", ["radarr", "sonarr"])
async def test_what_is_no_longer_known_is_not_looked_for_again(
    owned: Owned, app: str
) -> None:
    """That is believed where Radarr or Sonarr says so itself, and no proxy before it."""
    copy = copy_of(
        part(app, UNKNOWN, (UNKNOWN,), (UNKNOWN,)), owned.cleaner.connections
    )
    assert copy is not None
    await copy.restore()
    server = owned.radarr if app == "radarr" else owned.sonarr
    assert [one.method for one in server.requests if one.method != "GET"] == ["PUT"]
    server.fail(FaultKind.NOT_FOUND)
    with pytest.raises(BadAnswer, match="something else answers"):
        await copy.restore()
    with pytest.raises(BadAnswer, match="something else answers"):
        await copy.files_left()


@pytest.mark.parametrize(
    ("file_ids", "rest", "shown", "for_jellyfin"),
    [
        ((), (), 2, 2),
        ((1,), ("/a",), 2, 1),
        ((1, 2), (), 2, 0),
        # Jellyfin shows less than there is, or counts more than it names.
        ((1, 2), (), 1, 0),
        ((1, 2), ("/a",), 2, 1),
        ((1,), (), 3, 2),
    ],
)
async def test_how_many_files_are_left_for_jellyfin(
    owned: Owned,
    file_ids: tuple[int, ...],
    rest: tuple[str, ...],
    shown: int,
    for_jellyfin: int,
) -> None:
    """What Radarr does not delete; all of them, where it has the film not at all."""
    copy = copy_of(part("radarr", 1, file_ids), owned.cleaner.connections)
    assert copy is not None
    custody = Custody(copies=(copy,), rest=rest)
    assert custody.owned_files == len(file_ids)
    assert custody.files == len(file_ids) + len(rest)
    assert custody.for_jellyfin(shown) == for_jellyfin
    assert Custody().for_jellyfin(shown) == shown


async def test_how_a_title_is_set_up(owned: Owned) -> None:
    """Where, with which tags, and which episodes are known to be monitored or not."""
    (sonarr,) = owned.cleaner.connections.sonarr

    def numbered(
        season: int | None, number: int | None, monitored: bool | None
    ) -> ArrEpisode:
        return ArrEpisode(
            episode_id=1,
            series_id=7,
            season=season,
            episode=number,
            monitored=monitored,
        )

    episodes = [
        numbered(0, 1, False),
        numbered(1, 1, True),
        numbered(None, 2, True),
        numbered(1, None, True),
        numbered(1, 3, None),
    ]
    show = ArrSeries(title_id=7, title="Show", setup=SETUP)
    assert setup_of(sonarr, show, frozenset({"b", "a"}), episodes) == [
        replace(
            SETUP,
            connection_id="sonarr",
            app="Sonarr",
            tags=("a", "b"),
            episodes={(0, 1): False, (1, 1): True},
        )
    ]
    assert setup_of(sonarr, show, None, episodes) == []
    assert setup_of(sonarr, replace(show, setup=None), frozenset(), episodes) == []
