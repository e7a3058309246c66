"""The Radarr, Sonarr and Seerr of the furnished households.

Every case that the demo shows has a name here; `ARR_CASES` says which title it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .arr import RadarrSimulator, SonarrSimulator
from .household import Household
from .items import Movie, Series
from .seerr import SeerrSimulator
from .seerr.records import RequestStatus
from .server import Simulator

ARR_CASES = {
    "known to no *arr": "Winter Orchard",
    "in one folder with another, known to no *arr": "Comet",
    "tagged quick-watch": "Paper Lanterns",
    "has a 4K copy in a second Radarr": "The Paper Kite",
    "not monitored": "Moonlit Bakery",
    "being upgraded": "The Weather Keeper",
    "requested and watched by alice": "Harbour Lights",
    "requested by alice, watched by bob only": "Seven Bridges",
    "requested and watched by bob": "A Quiet Garden",
    "requested by alice and by bob": "Amber Station",
    "requested by a local user": "Lantern Street",
    "requested, declined": "The Long Map",
    "series requested and watched by alice": "Copper Kettle",
    "series requested by bob, continuing": "Oak and Ember",
    "tagged keep": "Star Nursery",
}

_UNKNOWN = ("Winter Orchard", "Comet", "Comets")


@dataclass(frozen=True, slots=True)
class Arrs:
    """The servers that go with a household."""

    radarr: RadarrSimulator
    sonarr: SonarrSimulator
    seerr: SeerrSimulator
    radarr4k: RadarrSimulator | None = None

    def __iter__(self) -> Iterator[tuple[str, Simulator]]:
        """Return the servers with their names."""
        yield "radarr", self.radarr
        if self.radarr4k is not None:
            yield "radarr4k", self.radarr4k
        yield "sonarr", self.sonarr
        yield "seerr", self.seerr


def sample_arrs(
    household: Household,
    *,
    host: str = "127.0.0.1",
    tls: bool = False,
    path_map: dict[str, str] | None = None,
) -> Arrs:
    """Add to the demo household the servers that manage its titles, the requests for them, and a film in 4K."""
    copy = _add_4k_copy(household)
    radarr = RadarrSimulator(
        household, libraries=["Movies"], path_map=path_map, host=host, tls=tls
    )
    radarr4k = RadarrSimulator(
        household, libraries=["Movies 4K"], name="radarr4k", host=host, tls=tls
    )
    sonarr = SonarrSimulator(household, path_map=path_map, host=host, tls=tls)
    for movie in household.movies:
        if radarr.owns(movie.path) and movie.name not in _UNKNOWN:
            radarr.manage(movie, monitored=movie.name != "Moonlit Bakery")
    radarr.manage(household.movie("Paper Lanterns"), tags=["quick-watch"])
    radarr.download(radarr.movie("The Weather Keeper"))
    radarr4k.manage(copy)
    sonarr.manage_all()
    sonarr.manage(household.show("Star Nursery"), tags=["keep"])
    # Films and series are numbered each on their own, so that numbers occur twice.
    number = int(household.movie("Harbour Lights").provider_ids["Tmdb"])
    sonarr.show("Copper Kettle").tmdb_id = number
    seerr = SeerrSimulator(
        household, radarr=[radarr, radarr4k], sonarr=[sonarr], host=host, tls=tls
    )
    _ask(household, seerr, copy, number)
    return Arrs(radarr, sonarr, seerr, radarr4k)


def _add_4k_copy(household: Household) -> Movie:
    """Add a film in 4K, in a library of its own."""
    household.add_library("Movies 4K", "movies", ["/media/movies-4k"])
    kite, now = household.movie("The Paper Kite"), household.now()
    copy = household.add_movie(
        kite.name,
        year=kite.year,
        library="Movies 4K",
        provider_ids=kite.provider_ids,
        added=now - timedelta(days=150),
        runtime=kite.runtime,
        size=38_500_000_000,
    )
    household.play(household.user("carol"), copy, at=now - timedelta(days=11))
    return copy


def _ask(household: Household, seerr: SeerrSimulator, copy: Movie, number: int) -> None:
    """Make the requests that the cases need."""
    alice, bob = household.user("alice"), household.user("bob")
    now, movie, show = household.now(), household.movie, household.show
    for days, account, item in (
        (210, alice, movie("Harbour Lights")),
        (209, alice, movie("Seven Bridges")),
        (208, bob, movie("A Quiet Garden")),
        (207, alice, movie("Amber Station")),
        (206, bob, movie("Amber Station")),
    ):
        seerr.request(account, item, now - timedelta(days=days))
    dave, at = seerr.add_local_user("dave"), now - timedelta(days=205)
    seerr.request(dave, movie("Lantern Street"), at)
    seerr.request(bob, movie("The Long Map"), at, RequestStatus.DECLINED)
    seerr.request(alice, copy, at, is_4k=True)
    seerr.request(alice, show("Copper Kettle"), at, tmdb_id=number)
    seerr.request(bob, show("Oak and Ember"), at)


def reference_arrs(
    household: Household, *, host: str = "127.0.0.1", tls: bool = False
) -> Arrs:
    """Return servers that manage a whole household; every tenth title was requested."""
    radarr = RadarrSimulator(household, host=host, tls=tls)
    sonarr = SonarrSimulator(household, host=host, tls=tls)
    radarr.manage_all()
    sonarr.manage_all()
    seerr = SeerrSimulator(household, host=host, tls=tls)
    titles: list[Movie | Series] = [*household.movies, *household.series]
    for place, item in enumerate(titles[::10]):
        seerr.request(household.users[place % len(household.users)], item)
    return Arrs(radarr, sonarr, seerr)
