"""The trials of a wider world: what can befall a household besides ordinary days.

Like the methods of the house each is a name with plain arguments, so that it can be a
step of a story, and is left out where it makes no sense.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulators.items import jellyfin_id
from tests.home import DAY, HOUR

from .estate import entries
from .lies import (
    FEW,
    Lie,
    LostFavourites,
    LostHistory,
    LostTags,
    LostTitles,
    LostUsers,
    OwnersLie,
    Played,
)
from .world import Farewell, Kind, Meddling

if TYPE_CHECKING:
    from simulators import User

    from .life import Life

type Trial = Callable[..., Awaitable[bool]]

TRIALS: dict[str, Trial] = {}
"""All of them, by name."""


def trial(function: Trial) -> Trial:
    """Let a function be a step of a story, by its name."""
    name: str = function.__name__
    TRIALS[name] = function
    return function


# --- the user's switches ------------------------------------------------------------


@trial
async def dry_run(life: Life, on: bool) -> bool:
    """The user switches dry run."""
    life.chosen.dry_run = on
    await life.adopt()
    return True


@trial
async def automatic(life: Life, on: bool) -> bool:
    """The user switches automatic deletion."""
    life.chosen.automatic = on
    await life.adopt()
    return True


@trial
async def only_while(life: Life, on: bool) -> bool:
    """The entity that says when titles may go changes its state."""
    life.chosen.only_while = on
    return True


@trial
async def cap(life: Life, titles: int) -> bool:
    """The user changes how many titles may go in a day."""
    life.chosen.limits = replace(life.chosen.limits, max_items=titles)
    await life.adopt()
    return True


@trial
async def hearts(life: Life, keep: bool) -> bool:
    """The user says whether favourites stay."""
    life.chosen.limits = replace(life.chosen.limits, favorites_keep=keep)
    await life.adopt()
    return True


@trial
async def leave_alone(life: Life, library: str) -> bool:
    """The user manages a library no more."""
    number = life.house.household.library(library).id
    managed = life.chosen.managed
    if managed is None or number not in managed or len(managed) < 2:
        return False
    life.chosen.managed = managed - {number}
    await life.adopt()
    return True


@trial
async def at(life: Life, request: int, *step: Any) -> bool:
    """Something happens after so many requests of the next look."""
    life.world.meddling.append(Meddling(step, request=request))
    return True


@trial
async def after(life: Life, deletes: int, *step: Any) -> bool:
    """Something happens after so many deletions, in the middle of a run."""
    life.world.meddling.append(Meddling(step, deletes=deletes))
    return True


# --- people -------------------------------------------------------------------------


@trial
async def join(life: Life, who: str) -> bool:
    """Somebody gets an account."""
    if any(user.name.partition(" ")[0] == who for user in life.house.residents()):
        return False
    life.house.household.add_user(who)
    return True


@trial
async def disable(life: Life, who: str, disabled: bool) -> bool:
    """An account is disabled, or enabled again."""
    user = life.house.person(who)
    if user is None or user.administrator or user.disabled == disabled:
        return False
    if disabled:
        say_farewell(life, user)
    user.disabled = disabled
    return True


@trial
async def hide(life: Life, who: str, library: str) -> bool:
    """A user may not see a library any more."""
    user = life.house.person(who)
    if user is None or not user.sees(life.house.household.library(library)):
        return False
    say_farewell(life, user)
    home = life.house.household
    seen = {one.name for one in home.libraries if user.sees(one)}
    user.libraries = frozenset(seen - {library})
    home.changed()
    return True


@trial
async def move_out(life: Life, who: str) -> bool:
    """A user is deleted; what was a favourite protects for a week."""
    user = life.house.person(who)
    if user is None or user.administrator:
        return False
    say_farewell(life, user)
    return life.house.leave(who)


def say_farewell(life: Life, user: User) -> None:
    """Remember what a user loved and had not watched, as far as a sync could see it."""
    house, world = life.house, life.world
    if user.id not in world.known:
        return
    home = house.household
    seen = [name for name in house.listed() if home.sees(user, house.shelf[name])]
    loved = frozenset(name for name in seen if (user.id, name) in world.met)
    unwatched = frozenset(name for name in seen if user.id not in house.watchers(name))
    world.farewells.append(Farewell(house.clock.elapsed, loved, unwatched))


@trial
async def long_series(life: Life, name: str, episodes: int) -> bool:
    """A series with many episodes arrives, so that all films are few among the titles."""
    house = life.house
    if name in house.shelf:
        return False
    series = house.household.add_series(name, provider_ids={"Tvdb": "80999"})
    house.shelf[name] = series
    for number in range(1, episodes + 1):
        house.add_episode(series, number, house.clock() - 50 * DAY)
    house.household.scan()
    return True


# --- lies ---------------------------------------------------------------------------


async def _tell(life: Life, lie: Lie) -> bool:
    """Let a lie begin, if there is none of its kind under way.

    Of one from before the first sync nobody can know: there is nothing to compare it
    with. A person sees what follows from it, in the list before the first real run.
    """
    if life.world.synced_at is None:
        return False
    if any(type(one) is type(lie) for one in life.world.lies):
        return False
    if not lie.begin(life.house):
        return False
    life.world.lies.append(lie)
    return True


@trial
async def lose_titles(life: Life, library: str, every: int, days: int) -> bool:
    """Jellyfin does not list every n-th title of a library, or all of them (1)."""
    return await _tell(life, LostTitles(days, library, every))


@trial
async def lose_users(life: Life, days: int) -> bool:
    """Jellyfin lists its administrator alone."""
    return await _tell(life, LostUsers(days))


@trial
async def lose_favourites(life: Life, days: int) -> bool:
    """Jellyfin knows no favourite any more."""
    return await _tell(life, LostFavourites(days))


@trial
async def lose_tags(life: Life, days: int) -> bool:
    """Jellyfin knows no tag any more."""
    return await _tell(life, LostTags(days))


@trial
async def all_played(life: Life, who: str, library: str, a_day: int, days: int) -> bool:
    """Jellyfin says that a user has played a library, at once (0) or day by day."""
    return await _tell(life, Played(days, who, library, a_day))


@trial
async def lose_history(life: Life, days: int) -> bool:
    """Jellystat has forgotten everything."""
    if life.history is None:
        return False
    return await _tell(life, LostHistory(days))


@trial
async def owner_lies(life: Life, server: str, how: str, days: int) -> bool:
    """Radarr, Sonarr or Seerr leaves out titles, tags or requests."""
    if life.estate is None:
        return False
    lie = OwnersLie(days, server, how)
    if not await _tell(life, lie):
        return False
    if server == "seerr":
        lie.gross = len(life.estate.seerr.requested_media) >= FEW
        return True
    owner = next(one for one in life.estate.arrs if one.name == server)
    rows = list(entries(owner))
    hit = rows if lie.hides else [entry for entry in rows if entry.tags]
    lie.gross = len(hit) >= 2 * FEW or (how != "half" and len(hit) >= FEW)
    if not lie.hides:
        lie.lost_tags.update(owner.tags[tag] for entry in hit for tag in entry.tags)
    return True


@trial
async def impostor(life: Life, days: int) -> bool:
    """A test copy with the same key and items answers instead of Jellyfin."""
    life.world.impostor = days
    life.disguise()
    return True


@trial
async def recreate(life: Life, library: str) -> bool:
    """A library is made anew over the same folder, and managed as before."""
    home = life.house.household
    one = home.library(library)
    old = one.id
    number = life.house.versions[library] = life.house.versions.get(library, 0) + 1
    one.id = jellyfin_id("CollectionFolder", f"/config/root/default/{library}{number}")
    home.changed()
    if life.chosen.managed is not None and old in life.chosen.managed:
        life.chosen.managed = life.chosen.managed - {old} | {one.id}
    await life.adopt()
    return True


# --- Home Assistant's machine -------------------------------------------------------


@trial
async def off(life: Life, hours: int) -> bool:
    """Home Assistant is off for some time; the household goes on."""
    life.house.clock.wait(hours * HOUR)
    await life.restart()
    return True


@trial
async def boot(life: Life, days_wrong: int) -> bool:
    """The machine starts with a wrong clock, or (0) with the right one.

    What was wrong from before the first sync on cannot be noticed: there is nothing to
    compare it with. The grace period passes all the same.
    """
    if life.world.synced_at is None:
        return False
    life.house.clock.boot(days_wrong * DAY)
    await life.restart()
    return True


@trial
async def set_right(life: Life) -> bool:
    """The clock is put right while everything runs."""
    if not life.house.clock.wrong_by:
        return False
    life.house.clock.wrong_by = timedelta()
    return True


@trial
async def full_disk(life: Life, transaction: int) -> bool:
    """The disk is full for one transaction of the next look."""
    life.world.full_disk = transaction
    return True


@trial
async def lose_ledger(life: Life, emptied: bool) -> bool:
    """The file of the ledger is gone, or has no byte in it."""
    if not life.judge.ledger.exists():
        return False

    def lose(path: Path) -> None:
        """Lose it."""
        path.unlink()
        if emptied:
            path.touch()

    await life.begin_anew(lose)
    life.world.past.clear()
    life.world.consents = ()
    life.world.lost_keeps = set(life.house.kept)
    life.house.by_hand.clear()
    life.house.life.clear()
    life.house.missed.clear()
    life.house.returned.clear()
    if life.world.has(Kind.LEDGER):
        life.world.must_look.add("ledger")
    return True


@trial
async def restore(life: Life, days: int) -> bool:
    """The ledger of some days ago is put back, as from a backup."""
    if days > len(life.world.past):
        return False
    past = life.world.past[-days]
    if life.house.clock.elapsed - past.at < 6 * HOUR.total_seconds():
        return False

    def put_back(path: Path) -> None:
        """Put it in the place of the present one."""
        path.write_bytes(past.ledger)

    await life.begin_anew(put_back)
    # What was wished for since is forgotten, and has to be announced anew.
    house = life.house
    house.kept = {
        what: until for what, until in past.kept.items() if what in house.kept
    }
    house.by_hand = dict(past.by_hand)
    life.world.lost_keeps.clear()
    house.life = dict(past.life)
    house.missed = dict(past.missed)
    house.returned.clear()
    life.world.shown.clear()
    # One of them may have been taken back since.
    life.world.consents = ()
    return True
