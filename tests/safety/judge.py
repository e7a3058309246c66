"""The judge looks at every file that goes, and knows the house, not the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
import sqlite3
from typing import TYPE_CHECKING

from custom_components.oxicleanarr.cleanup import MANUAL, Plan
from custom_components.oxicleanarr.retention import (
    STANDARD,
    EpisodeRule,
    Retention,
    RetentionBase,
    TagRule,
    UnwatchedBehavior,
    UserRule,
)
from simulators import Episode, Item, JellyfinSimulator, Movie
from simulators.faults import Answer
from simulators.jellyfin.auth import Caller
from tests.home import DAY

from .estate import Estate
from .house import House, is_foreign
from .lies import Lie, LostFavourites, OwnersLie
from .truth import A_FILM, Truth, released
from .world import (
    APPROVED_FOR,
    FAREWELL,
    LAST_LOOK,
    UNSEEN,
    Kind,
    Standing,
    Watched,
    World,
)

if TYPE_CHECKING:
    from .choices import Chosen

_SEEN = frozenset({Kind.OFF, Kind.CLOCK, Kind.RESTORED, Kind.LEDGER})
"""The kinds in whose worlds it counts what somebody could have seen."""


_ASKED_AGAIN = frozenset(
    {Kind.LATE, Kind.MEDDLING, Kind.MARKS, Kind.NUMBERS, Kind.SIGHT}
)
"""The kinds in whose worlds the rules are asked again, about the truth."""


class JudgedJellyfin(Watched, JellyfinSimulator):
    """A Jellyfin that asks a judge before, and tells him after, it carries out a delete."""

    before: Callable[[str], None] = staticmethod(lambda item_id: None)
    after: Callable[[str], None] = staticmethod(lambda item_id: None)

    def _delete(self, ids: list[str], caller: Caller) -> Answer:
        """Delete under the eyes of the judge."""
        for item_id in ids:
            self.before(item_id)
        answer = super()._delete(ids, caller)
        for item_id in ids:
            self.after(item_id)
        return answer


@dataclass(frozen=True)
class Terms:
    """What a rule promises about the titles it takes, as far as the truth can tell."""

    needs_watched: bool
    retention: Retention | None = None
    """How long after the last play; ``None``: it says nothing about that."""
    requesters: frozenset[str] = frozenset()
    """One of them has to have asked for it."""


@dataclass
class Judge:
    """What may go and what may not, by the truth of the house."""

    house: House
    server: JudgedJellyfin
    chosen: Chosen
    ledger: Path
    wrongs: list[str] = field(default_factory=list)
    announced: dict[str, datetime] = field(default_factory=dict)
    """Since when a title has been in the plans without a break."""
    trouble_at: datetime | None = None
    """When a tick last ended so that no plan of it was seen."""
    estate: Estate | None = None
    world: World = field(default_factory=World)
    under_way: dict[str, int] = field(default_factory=dict)
    """After how many requests the deletion of a title was begun."""
    _item: Item | None = None
    _rule: str = ""
    _files: set[str] = field(default_factory=set)
    _files_of: set[str] = field(default_factory=set)

    def plan_made(self, plan: Plan) -> None:
        """Note what is announced: what is not any more begins anew."""
        now = self.house.clock()
        titles = {
            self.house.names[item_id]
            for entry in plan.entries
            for item_id in entry.target_ids
        }
        elapsed = self.house.clock.elapsed
        self.world.shown = {
            title: self.world.shown.get(title, elapsed) for title in titles
        }
        # Where the clock was put back, what was announced later was so by now.
        self.announced = {
            title: min(self.announced.get(title, now), now) for title in titles
        }

    def before(self, item_id: str) -> None:
        """Look at what is about to be deleted."""
        household = self.house.household
        self._files = household.files
        self._item = item = household.get(item_id)
        if item is None:
            # Its row can stay listed for a while; to ask once more is what is wrong.
            self.wrong(item_id, "is deleted though it is not there (any more)")
            return
        if not isinstance(item, Movie | Episode):
            self.wrong(item.name, "is a folder, and deleted as a whole")
            return
        self._files_of = self._own(item, self._files)
        self.look_at(item)
        if self.estate is not None and (holders := self.estate.holders(item)):
            if not self.cannot_be_known(holders):
                self.wrong(item.name, f"is deleted behind the back of {holders}")

    def look_at(self, item: Movie | Episode) -> str:
        """Look at what is about to go, and return by which rule."""
        self._rule = self.from_journal(item)
        files = self.house.files_of(item)
        self.world.at_stake.setdefault(item.id, {}).update(files)
        disk = self.house.household.disk.everything()
        # One file after the other goes through Radarr: the first look sees them all.
        there = sum(disk[path].size for path in files)
        known = self.world.bytes_at_stake.get(item.id, 0)
        self.world.bytes_at_stake[item.id] = max(there, known)
        for complaint in self._complaints(item):
            self.wrong(item.name, complaint)
        return self._rule

    def after(self, item_id: str) -> None:
        """Look at what has really gone."""
        item = self._item
        if not isinstance(item, Movie | Episode) or item in self.house.household:
            return
        if self.house.files_of(item):
            # Jellyfin lists it no more, and yet it is there, or on a disk that is away.
            return
        lost = self._files - self.house.household.files
        for path in sorted(lost - self._files_of - self.house.leftovers):
            self.wrong(item.name, f"took {path} along")
        self.house.gone_by_us(item, self._rule)

    # --- the law ------------------------------------------------------------------

    def _complaints(self, item: Movie | Episode) -> Iterable[str]:
        house, household, now = self.house, self.house.household, self.house.clock()
        wanted = self._wanted(item)
        chosen, kept = wanted.chosen, wanted.kept
        family: list[Item] = [item]
        if isinstance(item, Episode):
            family += [item.season, item.series]
        for one in family:
            name = house.name_of(one)
            if name in kept and ((until := kept[name]) is None or until > now):
                yield f"is deleted though {name} is kept"
            if chosen.limits.favorites_keep and self._is_loved(one):
                yield f"is deleted though {name} is a favourite"
        back = house.wished_back.get(item.name)
        if back is not None and now < back + 90 * DAY and not house.watchers(item.name):
            yield "is deleted though it was brought back and nobody has watched it"
        if any(session.item is item for session in household.sessions):
            yield "is deleted while somebody plays it"
        if chosen.managed is not None and self._shelves_of(item) - chosen.managed:
            yield "is deleted though a library of it is not managed"
        if files := [one for one in house.files_of(item) if one not in household.files]:
            yield f"is deleted while the disk of {files[0]} is away"
        yield from self._against_its_copies(item, chosen, kept)
        if household.scanning:
            yield "is deleted during a scan"
        if self.estate is not None and self.estate.downloads(item):
            yield "is deleted while it is downloaded"
        yield from self._against_the_switches(chosen)
        yield from self._against_the_world(chosen)
        yield from self._against_the_cap(item, chosen)
        yield from self._against_the_grace(item, chosen)
        if chosen.rules.approval and not self._is_approved(item, wanted):
            yield f"is deleted by {self._rule} though nobody has approved that"
        if not self._rule:
            yield "is deleted and no intent is on disk"
        elif self._rule == MANUAL:
            names = {
                one for each in family for one in house.same_as(house.name_of(each))
            }
            if self.world.kinds and not released(names, wanted.by_hand):
                yield "is deleted by hand though nobody wants that any more"
        elif not self._is_misled(item):
            yield from self._against_the_rule(item, now, chosen)
            if self.world.kinds & _ASKED_AGAIN and not self._has_just_changed():
                truth = Truth(house, self.world, self.estate)
                for why in truth.keeps(item, chosen.rules, self._rule, now):
                    yield f"is deleted by {self._rule}, but {why}"

    def _shelves_of(self, item: Item) -> set[str]:
        """Return its libraries, as far as a full sync can have met them."""
        libraries = self.house.libraries_of(item) & self.world.libraries
        return libraries | {item.library.id}

    def _against_its_copies(
        self, item: Movie | Episode, chosen: Chosen, kept: dict[str, datetime | None]
    ) -> Iterable[str]:
        """Yield what speaks for a copy of the title, and that a row is of several titles."""
        if others := self.house.others_in(item):
            yield f"is deleted though {others} are among its versions"
        now = self.house.clock()
        terms = None if self._rule == MANUAL else self._terms(item, chosen)
        for name in self.world.copies.get(item.name, frozenset()) - {item.name}:
            copy = self.house.find(name, Movie)
            if not isinstance(copy, Movie):
                continue
            if copy.provider_ids != item.provider_ids:
                continue
            if name in kept and ((until := kept[name]) is None or until > now):
                yield f"is deleted though its copy {name} is kept"
            if chosen.limits.favorites_keep and self._is_loved(copy):
                yield f"is deleted though its copy {name} is a favourite"
            if terms is not None and terms.needs_watched:
                if not self.house.watchers(name):
                    yield f"is deleted though nobody has watched its copy {name}"

    def _against_the_switches(self, chosen: Chosen) -> Iterable[str]:
        """Yield what the user has switched on or off."""
        if chosen.dry_run:
            yield "is deleted while dry run is on"
        if not chosen.automatic:
            yield "is deleted while automatic deletion is off"
        if not chosen.only_while:
            yield "is deleted while it is not the time for it"

    def _against_the_world(self, chosen: Chosen) -> Iterable[str]:
        """Yield what keeps everything from being deleted."""
        if self.world.impostor:
            yield "is deleted while another Jellyfin answers"
        for why in sorted(self.world.must_look):
            yield f"is deleted though nobody has looked at {why}"
        for lie in self.world.lies:
            if lie.gross and lie.read and lie.matters(chosen):
                yield f"is deleted during a gross lie: {type(lie).__name__}"

    def _against_the_cap(self, item: Movie | Episode, chosen: Chosen) -> Iterable[str]:
        """Yield that enough has gone in 24 hours; a series counts as one title."""
        elapsed = self.house.clock.elapsed
        since = max(elapsed - DAY.total_seconds(), self.world.counted_from)
        titles = {self._title(item.name)} | {
            self._title(one.title) for one in self.house.deleted if one.elapsed > since
        }
        if self.world.has(Kind.CAP) and len(titles) > chosen.limits.max_items:
            yield f"is deleted as one more than {chosen.limits.max_items} within a day"

    def _title(self, name: str) -> str:
        item = self.house.shelf[name]
        return item.series.name if isinstance(item, Episode) else name

    def _against_the_grace(
        self, item: Movie | Episode, chosen: Chosen
    ) -> Iterable[str]:
        """Yield that nobody could see for long enough that a title would go."""
        now, elapsed = self.house.clock(), self.house.clock.elapsed
        trouble = self._had_trouble(now)
        if self.world.kinds & _SEEN:
            seen = self.world.shown.get(item.name)
            slack = UNSEEN.total_seconds() if trouble else 0
            grace = chosen.grace.total_seconds()
            if seen is None or elapsed - seen + slack < grace:
                hours = None if seen is None else round((elapsed - seen) / 3600)
                yield f"is deleted before its grace is over: to be seen for {hours} hours"
            return
        first = self.announced.get(item.name)
        if first is None or now - first + trouble * DAY < chosen.grace:
            yield f"is deleted before its grace is over; it is announced since {first}"

    def _is_approved(self, item: Movie | Episode, wanted: Standing) -> bool:
        """Return whether somebody has approved that just this goes, by just this rule."""
        since = self.house.clock.elapsed - APPROVED_FOR.total_seconds()
        return any(
            item.name in one.names and one.rule == self._rule and one.at >= since
            for one in wanted.consents
        )

    # --- what can be known --------------------------------------------------------

    def begins(self, items: Iterable[Movie | Episode]) -> None:
        """Note that the deletion of titles has begun: it may come to its end."""
        for item in items:
            self.under_way.setdefault(item.name, self.world.requests)

    def _wanted(self, item: Item) -> Standing:
        """Return what the user wanted when the deletion of a title began."""
        begun = self.under_way.get(item.name, self.world.requests)
        for standing in self.world.standings:
            if standing.request > begun:
                return standing
        return Standing(
            self.world.requests,
            self.chosen,
            self.house.kept,
            self.house.by_hand,
            self.world.consents,
        )

    def _is_loved(self, item: Item) -> bool:
        """Return whether somebody has a title as a favourite, or had it until lately."""
        household = self.house.household
        # Titles that share a provider id share one record: what Jellyfin shows counts.
        for user in self.house.residents():
            record = self.server.rows.record(item, user)
            if record is not None and record.favourite and household.sees(user, item):
                return not self._has_just_changed()
        name = self.house.name_of(item)
        for farewell in self.world.farewells:
            ago = self.house.clock.elapsed - farewell.at
            if ago < FAREWELL.total_seconds() and name in farewell.loved:
                return True
        return any(
            isinstance(lie, LostFavourites) and lie.gross and name in lie.touched
            for lie in self.world.lies
        )

    def _has_just_changed(self) -> bool:
        """Return whether people changed something too late for the last look."""
        late = self.world.requests - LAST_LOOK
        return any(request >= late for request, _ in self.world.meddled)

    def _is_misled(self, item: Movie | Episode) -> bool:
        """Return whether a lie that nobody can be expected to notice is about a title."""
        return any(
            not (lie.gross and lie.read) and self._is_about(lie, item)
            for lie in self.world.lies
        )

    @staticmethod
    def _is_about(lie: Lie, item: Movie | Episode) -> bool:
        title = item.series.name if isinstance(item, Episode) else item.name
        return isinstance(lie, OwnersLie) or bool({title, item.name} & lie.touched)

    def cannot_be_known(self, holders: list[str]) -> bool:
        """Return whether servers have hidden for a day that they have a title."""
        return any(
            isinstance(lie, OwnersLie)
            and lie.server in holders
            and not lie.gross
            and self.house.clock.elapsed - lie.began > DAY.total_seconds()
            for lie in self.world.lies
        )

    def _against_the_rule(
        self, item: Movie | Episode, now: datetime, chosen: Chosen
    ) -> Iterable[str]:
        terms = self._terms(item, chosen)
        if terms is None:
            yield f"is deleted by {self._rule}, which is no rule"
            return
        if self.estate is not None:
            yield from self._against_its_owners(terms, item, self.estate, chosen)
        if terms.needs_watched and not self.house.watchers(item.name):
            yield f"is deleted by {self._rule} though nobody has watched it"
        played_at = self.house.last_active(item.name)
        if terms.retention is None or played_at is None:
            return
        if terms.retention.span is None:
            yield f"is deleted by {self._rule}, which never deletes"
        elif now + A_FILM < played_at + terms.retention.span:
            yield f"is deleted by {self._rule}, and was played on {played_at}"

    def _against_its_owners(
        self, terms: Terms, item: Movie | Episode, estate: Estate, chosen: Chosen
    ) -> Iterable[str]:
        """Yield what tags and requests say against it: they are read by every sync."""
        asked = estate.requesters(item)
        if terms.requesters and not asked & terms.requesters:
            yield f"is deleted by {self._rule}, and was asked for by {asked}"
        for rule in chosen.rules.advanced:
            if not isinstance(rule, TagRule) or rule.retention.span is not None:
                continue
            if self._rule == STANDARD and rule.tag in estate.tags(item):
                yield f"is deleted by {self._rule} though it is tagged {rule.tag}"

    def _terms(self, item: Movie | Episode, chosen: Chosen) -> Terms | None:
        rules = chosen.rules
        if self._rule == STANDARD:
            standard = rules.standard
            by_watch = standard.retention_base is RetentionBase.LAST_WATCHED
            return Terms(
                by_watch and standard.unwatched_behavior is UnwatchedBehavior.NEVER,
                None
                if standard.retention_base is RetentionBase.ADDED
                or standard.unwatched_retention
                else standard.movie_retention
                if isinstance(item, Movie)
                else standard.tv_retention,
            )
        for rule in rules.advanced:
            if rule.name != self._rule or not rule.enabled:
                continue
            if isinstance(rule, UserRule):
                names = {one.username for one in rule.users if one.username}
                return Terms(rule.require_watched, requesters=frozenset(names))
            if isinstance(rule, EpisodeRule):
                return Terms(rule.require_watched)
            return Terms(
                rule.require_watched,
                None if rule.retention_base is RetentionBase.ADDED else rule.retention,
            )
        return None

    # --- evidence ----------------------------------------------------------------------

    def from_journal(self, item: Item) -> str:
        """Return the rule of the intent that is on disk, "" if there is none."""
        with sqlite3.connect(self.ledger) as connection:
            row = connection.execute(
                "SELECT rule, reason FROM journal WHERE item_id = ?"
                " AND outcome = 'intended' ORDER BY id DESC",
                (item.id,),
            ).fetchone()
        connection.close()
        return str(row[0]) if row and row[0] and row[1] else ""

    def is_under_way(self) -> bool:
        """Return whether it is on disk that something is being brought back."""
        with sqlite3.connect(self.ledger) as connection:
            found = connection.execute(
                "SELECT 1 FROM brought_back WHERE state = 'under_way'"
            ).fetchone()
        connection.close()
        return found is not None

    def _own(self, item: Movie | Episode, files: set[str]) -> set[str]:
        """Return the files that are an item's and nobody else's."""
        own = self.files_of(item, files)
        if isinstance(item, Movie) and not item.loose:
            own |= {path for path in files if path.startswith(f"{item.folder}/")}
            for other in self.house.household.items:
                if isinstance(other, Movie | Episode) and other is not item:
                    own -= self.files_of(other, files)
        return {path for path in own if not is_foreign(path)}

    @staticmethod
    def files_of(item: Movie | Episode, files: set[str]) -> set[str]:
        """Return the files with the names of an item's."""
        clips = item.parts if isinstance(item, Movie) else []
        sources = [*item.sources, *(one for clip in clips for one in clip.sources)]
        names = {source.path.rpartition(".")[0] for source in sources}
        if isinstance(item, Movie) and item.disc:
            return {path for path in files if path.startswith(f"{item.folder}/")}
        return {path for path in files if any(_goes_with(path, one) for one in names)}

    def _had_trouble(self, now: datetime) -> bool:
        return (
            self.trouble_at is not None
            and now - self.trouble_at <= self.chosen.grace + 2 * DAY
        )

    def wrong(self, title: str, complaint: str) -> None:
        """Note what should not have been."""
        self.wrongs.append(f"{title} {complaint}")


def _goes_with(path: str, name: str) -> bool:
    """Return whether a file is a video or one of its sidecars, by the whole name."""
    return path.startswith(f"{name}.")
