"""The judge looks at every file that goes, and knows the house, not the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
import sqlite3
from typing import TYPE_CHECKING

from custom_components.oxicleanarr.cleanup import Plan
from custom_components.oxicleanarr.cleanup.plan import MANUAL
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
from tests.home import DAY, HOUR

from .estate import Estate
from .house import House

if TYPE_CHECKING:
    from .life import Chosen

# Jellyfin dates a play by its start, and a film takes two hours.
A_FILM = 3 * HOUR


class JudgedJellyfin(JellyfinSimulator):
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
            self.wrong(item.name, f"is deleted behind the back of {holders}")

    def look_at(self, item: Movie | Episode) -> str:
        """Look at what is about to go, and return by which rule."""
        self._rule = self.from_journal(item)
        for complaint in self._complaints(item):
            self.wrong(item.name, complaint)
        return self._rule

    def after(self, item_id: str) -> None:
        """Look at what has really gone."""
        item = self._item
        if not isinstance(item, Movie | Episode) or item in self.house.household:
            return
        lost = self._files - self.house.household.files
        for path in sorted(lost - self._files_of - self.house.leftovers):
            self.wrong(item.name, f"took {path} along")
        self.house.gone_by_us(item, self._rule)

    # --- the law ------------------------------------------------------------------

    def _complaints(self, item: Movie | Episode) -> Iterable[str]:
        house, household, now = self.house, self.house.household, self.house.clock()
        family: list[Item] = [item]
        if isinstance(item, Episode):
            family += [item.season, item.series]
        for one in family:
            name = house.name_of(one)
            if name in house.kept and (
                (until := house.kept[name]) is None or until > now
            ):
                yield f"is deleted though {name} is kept"
            # Titles that share a provider id share one record: what Jellyfin shows counts.
            if any(
                record.favourite
                for user in household.users
                if (record := self.server.rows.record(one, user)) is not None
            ):
                yield f"is deleted though {name} is a favourite"
        if any(session.item is item for session in household.sessions):
            yield "is deleted while somebody plays it"
        managed = self.chosen.managed
        if managed is not None and item.library.id not in managed:
            yield "is deleted though its library is not managed"
        if household.scanning:
            yield "is deleted during a scan"
        if self.estate is not None and self.estate.downloads(item):
            yield "is deleted while it is downloaded"
        first = self.announced.get(item.name)
        slack = DAY if self._had_trouble(now) else timedelta()
        if first is None or now - first + slack < self.chosen.grace:
            yield f"is deleted before its grace is over; it is announced since {first}"
        if not self._rule:
            yield "is deleted and no intent is on disk"
        elif self._rule != MANUAL:
            yield from self._against_the_rule(item, now)

    def _against_the_rule(self, item: Movie | Episode, now: datetime) -> Iterable[str]:
        terms = self._terms(item)
        if terms is None:
            yield f"is deleted by {self._rule}, which is no rule"
            return
        if self.estate is not None:
            yield from self._against_its_owners(terms, item, self.estate)
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
        self, terms: Terms, item: Movie | Episode, estate: Estate
    ) -> Iterable[str]:
        """Yield what tags and requests say against it: they are read by every sync."""
        asked = estate.requesters(item)
        if terms.requesters and not asked & terms.requesters:
            yield f"is deleted by {self._rule}, and was asked for by {asked}"
        for rule in self.chosen.rules.advanced:
            if not isinstance(rule, TagRule) or rule.retention.span is not None:
                continue
            if self._rule == STANDARD and rule.tag in estate.tags(item):
                yield f"is deleted by {self._rule} though it is tagged {rule.tag}"

    def _terms(self, item: Movie | Episode) -> Terms | None:
        rules = self.chosen.rules
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

    def _own(self, item: Movie | Episode, files: set[str]) -> set[str]:
        """Return the files that are an item's and nobody else's."""
        own = self.files_of(item, files)
        if isinstance(item, Movie) and not item.loose:
            own |= {path for path in files if path.startswith(f"{item.folder}/")}
            for other in self.house.household.items:
                if isinstance(other, Movie | Episode) and other is not item:
                    own -= self.files_of(other, files)
        return own

    @staticmethod
    def files_of(item: Movie | Episode, files: set[str]) -> set[str]:
        """Return the files with the names of an item's."""
        names = {source.path.rpartition(".")[0] for source in item.sources}
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
