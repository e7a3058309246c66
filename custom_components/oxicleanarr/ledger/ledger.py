"""The ledger: everything that is remembered about one Jellyfin server.

It is long because it is the room's face: one method for each question that others ask.
The work is done by the module of the subject.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from ..model import (
    Approval,
    ArrSetup,
    ArrTitle,
    Keep,
    Library,
    MediaFacts,
    MediaFile,
    MediaFiles,
    MediaItem,
    MediaKey,
    MediaKind,
    MissingTitle,
    OwnedFacts,
    OwnSet,
    PlannedDeletion,
    Play,
    PlaybackEvent,
    Reason,
    Requester,
    User,
    UserData,
)
from . import (
    ahead,
    approvals,
    brought_back,
    census,
    facts,
    history,
    inventory,
    journal,
    names,
    objections,
    owned,
    sights,
    wishes,
)
from .batch import SyncBatch
from .brought_back import DeletedTitle, Return, ReturnState
from .census import Census, Question
from .database import Database, LedgerDamaged, LedgerError
from .facts import Remembered
from .journal import ArrDeletion, DeletionOutcome, GoneTitle, JournalEntry, Spent
from .moments import next_moment
from .owned import Source
from .plays import learn_parts, memories_of
from .purge import purge, users_named
from .state import (
    LedgerState,
    breaker_state,
    identify,
    ledger_id,
    own_set,
    read_state,
    set_breaker_state,
    set_own_set,
    set_state,
    synced_at,
)
from .wishes import Scheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLedger:
    """A ledger, and whether it is the one that was there before."""

    ledger: Ledger
    ledger_id: str
    replaced: bool = False
    """Whether it is empty in place of one that was lost."""
    aside: Path | None = None
    """Where a file is now that cannot be used."""


def open_ledger(path: Path, now: datetime, known_id: str | None = None) -> OpenedLedger:
    """Open the ledger with an id; ``None``: whatever is there, or a new one.

    A file that is damaged, or another ledger's, is set aside and an empty one takes
    its place. Raises LedgerTooNew, and LedgerError where the file can be neither read
    nor moved.
    """
    lost = known_id is not None and not (path.exists() and path.stat().st_size)
    aside: Path | None = None
    try:
        ledger = Ledger(path)
        own_id = ledger.ledger_id()
        # What an earlier release wrote has no id, and is trusted.
        if own_id is not None and known_id not in (None, own_id):
            ledger.close()
            aside = _set_aside(path, f"other-{now:%Y%m%d-%H%M%S}")
    except LedgerDamaged:
        aside = _set_aside(path, f"damaged-{now:%Y%m%d-%H%M%S}")
    if aside is not None:
        ledger, own_id = Ledger(path), None
    replaced = lost or aside is not None
    ledger_id = (None if replaced else own_id or known_id) or uuid4().hex
    ledger.identify(ledger_id, path.stat().st_ino)
    return OpenedLedger(
        ledger=ledger, ledger_id=ledger_id, replaced=replaced, aside=aside
    )


def _set_aside(path: Path, suffix: str) -> Path:
    """Move a file away with its log; return where it is. Raises LedgerError."""
    aside = path.with_name(f"{path.name}.{suffix}")
    try:
        for end in ("-wal", "-shm", ""):
            part = path.with_name(path.name + end)
            if part.exists():
                part.rename(aside.with_name(aside.name + end))
    except OSError as err:
        raise LedgerError(str(err)) from err
    return aside


class Ledger:
    """The file of one config entry.

    Every method may block on the disk, so call it in an executor; each raises
    LedgerError where the file does not answer, and then nothing has changed. What a
    method writes is on disk when it returns.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises LedgerDamaged, LedgerTooNew, LedgerError."""
        self._database = Database(path)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def checkpoint(self) -> None:
        """Bring everything into the one file, so that a copy of it is complete."""
        self._database.checkpoint()

    def ledger_id(self) -> str | None:
        """Return the name by which a config entry knows this ledger, if it has one."""
        with self._database.reading() as connection:
            return ledger_id(connection)

    def identify(self, name: str, file: int) -> None:
        """Give the ledger its name, and remember its file's number on the disk."""
        with self._database.transaction() as connection:
            identify(connection, name, file)

    # --- what the servers said ---------------------------------------------------

    def begin_sync(self, *, complete: bool) -> SyncBatch:
        """Return an empty batch; an earlier one that was not committed is forgotten.

        Raises LedgerDamaged, for a file is looked through by the first sync only.
        """
        self._database.check()
        return SyncBatch(self._database, complete=complete)

    def state(self) -> LedgerState:
        """Return how far the servers have been read."""
        with self._database.reading() as connection:
            return read_state(connection)

    def synced_at(self) -> datetime | None:
        """Return when the last complete sync began, without counting anything."""
        with self._database.reading() as connection:
            return synced_at(connection)

    def breaker_state(self) -> dict[str, Any] | None:
        """Return what the breaker remembers, as it was given."""
        with self._database.reading() as connection:
            return breaker_state(connection)

    def set_breaker_state(self, state: Mapping[str, Any]) -> None:
        """Remember what the breaker has found."""
        with self._database.transaction() as connection:
            set_breaker_state(connection, state)

    def store_files(self, files: Collection[MediaFiles]) -> None:
        """Store sizes and paths; the ids of other versions become aliases."""
        with self._database.transaction() as connection:
            inventory.store_files(connection, files)

    def items_without_files(self, item_ids: Collection[str] | None) -> list[str]:
        """Return those of the ids whose files are not known; the given order stays.

        Without ids: every present item that has several versions. If Radarr or Sonarr
        has told the size of the only version, Jellyfin need not be asked.
        """
        with self._database.reading() as connection:
            return inventory.items_without_files(connection, item_ids)

    def sights_to_ask(
        self, questions: Mapping[str, Collection[str]]
    ) -> dict[str, list[str]]:
        """Return what to ask of Jellyfin: by item id the users who may not see it."""
        with self._database.reading() as connection:
            return sights.sights_to_ask(connection, questions)

    def store_sights(
        self, answers: Iterable[tuple[str, str, bool | None]], now: datetime
    ) -> None:
        """Store whether an item (id) is seen by a user (id); ``None``: not known."""
        with self._database.transaction() as connection:
            sights.store_sights(connection, answers, now)

    def files_near(
        self, path: str, without: Collection[str]
    ) -> tuple[str | None, tuple[str, ...]]:
        """Return the library folder that a path is in, and some known files near the path.

        They are in the nearest folder that has any but those of the ids ``without``.
        """
        with self._database.reading() as connection:
            return inventory.files_near(connection, path, without)

    def files_below(self, folder: str) -> tuple[tuple[str, str], ...]:
        """Return ``(item id, path)`` of every known file in or below a folder."""
        with self._database.reading() as connection:
            return inventory.neighbours(connection, "", f"{folder}/")

    def paths_of(self, item_id: str, path: str | None) -> frozenset[str]:
        """Return the paths of all files of an item, as of when it was at ``path``."""
        with self._database.reading() as connection:
            return inventory.paths_of(connection, item_id, path)

    def files_of(self, item_id: str) -> tuple[MediaItem, tuple[MediaFile, ...]] | None:
        """Return an item as it was last seen, with all its files, if they are known."""
        with self._database.reading() as connection:
            item = inventory.last_seen(connection, item_id)
            known = None if item is None else inventory.files_of(connection, item)
            return None if item is None or known is None else (item, known.files)

    def parts_to_ask(self) -> list[tuple[str, str]]:
        """Return the films in parts that somebody has begun, with each user's id."""
        with self._database.reading() as connection:
            begun = [
                item_id
                for item_id in inventory.in_parts(connection)
                if any(one.played for one in memories_of(connection, item_id).values())
            ]
            users = inventory.present_users(connection) if begun else ()
            return [(item_id, user.user_id) for item_id in begun for user in users]

    def store_part_data(
        self, user_id: str, rows: Collection[UserData], now: datetime
    ) -> None:
        """Remember what a user does with the parts of a film."""
        with self._database.transaction() as connection:
            learn_parts(connection, user_id, rows, now)

    def known_files(self) -> dict[str, MediaFiles]:
        """Return the files of present items with several versions, by item id."""
        with self._database.reading() as connection:
            return inventory.known_files(connection)

    def sizes(self, item_ids: Collection[str]) -> dict[str, int]:
        """Return the sizes in bytes of those of the ids for which they are known."""
        with self._database.reading() as connection:
            return inventory.sizes(connection, item_ids)

    # --- Jellystat's history -------------------------------------------------------

    def begin_history_scan(self, now: datetime) -> None:
        """Begin to read Jellystat's whole history (anew)."""
        with self._database.transaction() as connection:
            history.begin_scan(connection, now)

    def add_history_page(
        self, events: Sequence[Play], cursor: str | None, now: datetime
    ) -> int:
        """Store a page of that read and where it goes on; return the new rows.

        The pages are stored one by one so that an interrupted read can be resumed.
        What is missing until it ends can only postpone.
        """
        with self._database.transaction() as connection:
            return history.add_page(connection, events, cursor, now)

    def note_history_surplus(self, rows: int) -> None:
        """Remember how many rows Jellystat counts that were looked for in vain.

        They have no id, no date or no title.
        """
        with self._database.transaction() as connection:
            set_state(connection, "history_surplus", rows)

    def forget_history(self) -> None:
        """Accept that Jellystat has another history now, and read it from its start.

        What the old one proved of plays stays: it can only postpone.
        """
        with self._database.transaction() as connection:
            history.forget(connection)

    def watch_history(
        self,
        *,
        item_ids: Collection[str] | None = None,
        user_id: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[PlaybackEvent]:
        """Return Jellystat's rows, newest first; ids stand for all their aliases.

        A series or season stands for its episodes too.
        """
        with self._database.reading() as connection:
            return history.watch_history(
                connection,
                item_ids=item_ids,
                user_id=user_id,
                since=since,
                limit=limit,
            )

    # --- what Radarr, Sonarr and Seerr said ----------------------------------------

    def note_answer(self, source: Source, answered: bool | None) -> None:
        """Remember whether all servers of a kind answered; ``None``: there are none.

        What they said before is forgotten where there are none. It is still shown where
        one did not answer, but nothing may be deleted for it.
        """
        with self._database.reading() as connection:
            if owned.answered(connection, source) is answered:
                return
        with self._database.transaction() as connection:
            owned.note_answer(connection, source, answered)

    def silent_sources(self) -> frozenset[Source]:
        """Return the kinds of servers that did not all answer when last asked."""
        with self._database.reading() as connection:
            return owned.silent_sources(connection)

    def known_titles(self, connection_id: str) -> set[int]:
        """Return the ids of the titles that a Radarr or Sonarr listed the last time."""
        with self._database.reading() as connection:
            return owned.known_titles(connection, connection_id)

    def note_titles(self, connection_id: str, title_ids: Collection[int]) -> None:
        """Expect these titles of a Radarr or Sonarr: the others we have removed."""
        with self._database.transaction() as connection:
            owned.note_titles(connection, connection_id, title_ids)

    def note_listed(
        self, connection_id: str, titles: Collection[ArrTitle], now: datetime
    ) -> None:
        """Remember what a Radarr or Sonarr lists, and what it has stopped listing."""
        with self._database.transaction() as connection:
            owned.note_listed(connection, connection_id, titles, now)

    def missing_titles(
        self, connection_ids: Collection[str], since: datetime
    ) -> list[MissingTitle]:
        """Return the titles that these servers stopped listing after a moment."""
        with self._database.reading() as connection:
            return owned.missing_titles(connection, connection_ids, since)

    def census(self, question: Question) -> Census:
        """Count what there is, by library, kind and user."""
        with self._database.reading() as connection:
            return census.take_census(connection, question)

    def store_owned(self, kind: MediaKind, facts: Collection[OwnedFacts]) -> None:
        """Store what Radarr knows of all movies, or Sonarr of all series."""
        with self._database.transaction() as connection:
            owned.store_owned(connection, kind, facts)

    def store_owned_episodes(
        self, series_id: str, facts: Collection[OwnedFacts]
    ) -> None:
        """Store what Sonarr knows of the episodes of one series."""
        with self._database.transaction() as connection:
            owned.store_owned_episodes(connection, series_id, facts)

    def file_added_at(self, item_id: str) -> datetime | None:
        """Return when the newest file came in that an *arr had of an item when last asked."""
        with self._database.reading() as connection:
            return owned.file_added_at(connection, item_id)

    def series_in_doubt(self) -> list[str]:
        """Return the ids of series with an episode that has no sure match in Sonarr."""
        with self._database.reading() as connection:
            return owned.series_in_doubt(connection)

    def store_requests(
        self, requesters: Mapping[str, tuple[Requester, ...] | None]
    ) -> None:
        """Store who asked for which title, by item id; ``None``: it cannot be told."""
        with self._database.transaction() as connection:
            owned.store_requests(connection, requesters)

    # --- what is known -----------------------------------------------------------

    def users(self) -> list[User]:
        """Return the users of the last full sync who may log in."""
        with self._database.reading() as connection:
            return inventory.present_users(connection)

    def listed_users(self) -> list[User]:
        """Return all users of the last full sync, also those who are disabled."""
        with self._database.reading() as connection:
            return inventory.listed_users(connection)

    def users_in_history(self) -> set[str]:
        """Return the ids of all users of whom Jellystat has rows, gone ones too."""
        with self._database.reading() as connection:
            return history.known_users(connection)

    def libraries(self) -> list[Library]:
        """Return the libraries of the last sync."""
        with self._database.reading() as connection:
            return inventory.known_libraries(connection)

    def titles_ahead(self) -> tuple[str, ...]:
        """Return the titles with a date in the future, as of the last full sync."""
        with self._database.reading() as connection:
            since = read_state(connection).fully_synced_at
            return ahead.titles_ahead(connection, since)

    def tags(self) -> list[str]:
        """Return the tags of all present movies and series, each written in one way."""
        with self._database.reading() as connection:
            return inventory.tags(connection)

    def present(
        self, *kinds: MediaKind, series_id: str | None = None
    ) -> list[MediaItem]:
        """Return all present items of some kinds, or those of one series."""
        with self._database.reading() as connection:
            return inventory.present_items(connection, kinds, series_id)

    def series_of(self, item_ids: Collection[str]) -> list[str]:
        """Return the ids of the series to which episodes belong, each once, in order."""
        with self._database.reading() as connection:
            return inventory.series_of(connection, item_ids)

    def find(self, reference: str) -> list[MediaItem]:
        """Return the present items that an id or stable key names, or an old id of one."""
        with self._database.reading() as connection:
            return inventory.find(connection, reference)

    def named(self, reference: str) -> tuple[MediaItem, MediaKey]:
        """Return the present title of an id or key, with its key.

        Raises LookupError if there is none.
        """
        with self._database.reading() as connection:
            return inventory.named(connection, reference)

    def wholes(self, item_ids: Collection[str]) -> dict[str, MediaItem]:
        """Return the present movie or series that present items are, or are part of."""
        with self._database.reading() as connection:
            return names.wholes(connection, item_ids)

    def search(self, words: str, limit: int) -> list[tuple[MediaItem, MediaKey]]:
        """Return present titles with these words in their names, the closest first."""
        with self._database.reading() as connection:
            return names.search(connection, words, limit)

    def meant(self, reference: str) -> MediaItem:
        """Return the present title of an id, a key or the name that people call it by.

        Raises LookupError if there is none, SeveralTitlesError if several may be meant.
        """
        with self._database.reading() as connection:
            return names.meant(connection, reference)

    def facts(
        self, now: datetime, around: Collection[str] | None = None
    ) -> list[MediaFacts]:
        """Return the facts about every present title.

        ``around`` some item ids: about those, and all that stands or falls with them.
        """
        with self._database.reading() as connection:
            return facts.read_facts(connection, now, around)

    def changes(self) -> int:
        """Return a number that grows with every change of what a plan rests on."""
        return self._database.changes.number

    def next_moment(self, now: datetime) -> datetime | None:
        """Return when time alone changes what a plan rests on; ``None``: never."""
        with self._database.reading() as connection:
            return next_moment(connection, now)

    def remembered(self, item_id: str, now: datetime) -> Remembered:
        """Return what is remembered around a present movie or episode.

        Raises LookupError if it is not there.
        """
        with self._database.reading() as connection:
            return facts.remembered(connection, item_id, now)

    # --- what a run has found ------------------------------------------------------

    def note_objection(
        self,
        item_id: str,
        reason: Reason,
        now: datetime,
        *,
        sure: bool,
        until: datetime | None = None,
    ) -> None:
        """Remember what speaks against a title, which it holds where that is ``sure``.

        What holds ``until`` a day at most has to be noted twice.
        """
        with self._database.transaction() as connection:
            objections.note_objection(
                connection, item_id, reason, now, sure=sure, until=until
            )

    def forget_objection(self, item_id: str) -> None:
        """Forget what spoke against a title."""
        with self._database.transaction() as connection:
            objections.forget_objection(connection, item_id)

    def objections_to_look_at(
        self, now: datetime, limit: int
    ) -> list[tuple[MediaItem, Reason]]:
        """Return the titles whose objections may have been settled.

        Those of files that are no longer there, and those that have had their time, are
        forgotten.
        """
        with self._database.transaction() as connection:
            objections.forget_outdated(connection, now)
            return objections.objections_to_look_at(connection, limit)

    # --- what users want -----------------------------------------------------------

    def keeps(self, now: datetime) -> dict[MediaKey, Keep]:
        """Return what users keep at this moment, by stable key."""
        with self._database.reading() as connection:
            return wishes.keeps(connection, now)

    def announced_keeps(self, now: datetime) -> list[tuple[MediaItem, Keep]]:
        """Return the kept titles that would leave yet, as was announced before.

        What was ready when somebody kept it is among them for a day.
        """
        with self._database.reading() as connection:
            return [
                (item, keep)
                for keep in wishes.keeps(connection, now).values()
                if keep.due_at is not None
                and max(keep.due_at, keep.kept_at + wishes.SHOWN_AT_LEAST) > now
                for item in inventory.find(connection, keep.key)[:1]
            ]

    def postponed(self, now: datetime) -> list[tuple[MediaItem, Keep]]:
        """Return what users keep until a day, the next to end first."""
        with self._database.reading() as connection:
            kept = [one for one in wishes.keeps(connection, now).values() if one.until]
            kept.sort(key=lambda one: (one.until, one.key))
            return [
                (item, keep)
                for keep in kept
                for item in inventory.find(connection, keep.key)[:1]
            ]

    def keep(self, keep: Keep) -> None:
        """Keep a title."""
        with self._database.transaction() as connection:
            wishes.keep(connection, keep)

    def keep_no_shorter(self, keep: Keep) -> bool:
        """Keep a title unless another keeps it longer; return whether it was done."""
        with self._database.transaction() as connection:
            return wishes.keep_no_shorter(connection, keep)

    def unkeep(self, key: MediaKey) -> bool:
        """Take a keep back; return whether there was one."""
        with self._database.transaction() as connection:
            return wishes.unkeep(connection, key)

    def unkeep_own(self, key: MediaKey, user_id: str) -> bool:
        """Take a user's own keep back; return whether there was one."""
        with self._database.transaction() as connection:
            return wishes.unkeep_own(connection, key, user_id)

    def manual_schedule(self) -> dict[MediaKey, datetime]:
        """Return what users have scheduled by hand, by stable key, and for when."""
        with self._database.reading() as connection:
            return wishes.manual_schedule(connection)

    def schedule_manually(self, key: MediaKey, at: datetime) -> None:
        """Schedule a title for deletion at a time, whatever the rules say."""
        with self._database.transaction() as connection:
            wishes.schedule_manually(connection, key, at)

    def unschedule(self, key: MediaKey) -> bool:
        """Leave a title to the rules again; return whether it was scheduled by hand."""
        with self._database.transaction() as connection:
            return wishes.unschedule(connection, key)

    def schedule(
        self,
        wanted: Mapping[str, tuple[MediaKey, datetime]],
        now: datetime,
        grace: timedelta,
    ) -> dict[str, Scheduled]:
        """Schedule these entries (name to key and end of retention), and no others.

        Nothing is due before it has been scheduled for the grace.
        """
        with self._database.transaction() as connection:
            return wishes.schedule(connection, wanted, now, grace)

    def proposed_schedule(
        self,
        wanted: Mapping[str, tuple[MediaKey, datetime]],
        now: datetime,
        grace: timedelta,
    ) -> dict[str, Scheduled]:
        """Return how these entries would be scheduled, without announcing any."""
        with self._database.reading() as connection:
            return wishes.proposed_schedule(connection, wanted, now, grace)

    def begin_grace_anew(self, now: datetime, grace: timedelta) -> None:
        """Let nothing be due before a whole grace: nobody could see what was announced.

        What was approved before is asked again: it may have been taken back meanwhile.
        """
        with self._database.transaction() as connection:
            wishes.begin_grace_anew(connection, now, grace)
            approvals.end_all(connection)
            set_state(connection, "restored", False)

    def approvals(self) -> list[Approval]:
        """Return what an admin was asked about, and until when it is approved."""
        with self._database.reading() as connection:
            return approvals.approvals(connection)

    def note_asked(self, entries: Sequence[PlannedDeletion]) -> None:
        """Remember that an admin was asked about entries of the plan."""
        with self._database.transaction() as connection:
            approvals.note_asked(connection, entries)

    def approve(
        self, entries: Sequence[PlannedDeletion], until: datetime, user_id: str | None
    ) -> None:
        """Approve entries of the plan as they are; ``None``: by an automation."""
        with self._database.transaction() as connection:
            approvals.approve(connection, entries, until, user_id)

    def take_back(self, names: Collection[str]) -> list[tuple[str, str]]:
        """Take the approval of titles back (ids or keys); return id and key of each."""
        with self._database.transaction() as connection:
            return approvals.take_back(connection, names)

    def end_approvals(self, ended: Collection[Approval]) -> None:
        """Forget what was asked about entries that are no longer as they were."""
        with self._database.transaction() as connection:
            approvals.end(connection, ended)

    # --- the journal ----------------------------------------------------------------

    def intend(
        self,
        entry: PlannedDeletion,
        item: MediaItem,
        now: datetime,
        *,
        through: Sequence[ArrDeletion] = (),
        recycle_bin: str | None = None,
        recoverable_until: datetime | None = None,
        forget: bool = False,
        deletion: int | None = None,
        setups: Sequence[ArrSetup] = (),
    ) -> int:
        """Write down that an item of a plan's entry is about to be deleted.

        Return the journal's number for it. ``forget`` says that its title's request is
        to be forgotten once it is gone; ``deletion`` is the number of the first item of
        the entry, if that was another one; with the ``setups`` it can come back. Raises
        LedgerDamaged where no sync has looked through the file before.
        """
        self._database.check()
        with self._database.transaction() as connection:
            return journal.intend(
                connection,
                entry,
                item,
                now,
                through=through,
                recycle_bin=recycle_bin,
                recoverable_until=recoverable_until,
                forget=forget,
                deletion=deletion,
                setups=setups,
            )

    def note_exclusion(self, number: int, connection_id: str) -> None:
        """Note that an *arr is about to be told not to add a title again."""
        with self._database.transaction() as connection:
            journal.note_exclusion(connection, number, connection_id)

    def conclude(
        self,
        number: int,
        outcome: DeletionOutcome,
        now: datetime,
        error: Reason | None = None,
        freed_bytes: int = 0,
    ) -> None:
        """Write down how a deletion ended. What is deleted is no longer present.

        ``freed_bytes`` went although the deletion failed.
        """
        with self._database.transaction() as connection:
            journal.conclude(connection, number, outcome, now, error, freed_bytes)

    def unsettled(self) -> list[JournalEntry]:
        """Return the deletions whose outcome is not known yet, oldest first."""
        with self._database.reading() as connection:
            return journal.unsettled(connection)

    def deletions(self, limit: int) -> list[JournalEntry]:
        """Return the latest entries of the journal, newest first."""
        with self._database.reading() as connection:
            return journal.deletions(connection, limit)

    def deleted_title(self, number: int) -> DeletedTitle | None:
        """Return the deletion of a title that an entry of the journal belongs to."""
        with self._database.reading() as connection:
            return brought_back.deleted_title(connection, number)

    def returns(
        self, deletions: Sequence[int]
    ) -> tuple[dict[int, tuple[tuple[str, str], ...]], dict[int, Return]]:
        """Return by deletion the servers that it can come back from, and who wants it back."""
        with self._database.reading() as connection:
            return (
                brought_back.connections_of(connection, deletions),
                brought_back.returns(connection, deletions),
            )

    def open_returns(self) -> list[Return]:
        """Return what is being brought back, or was when everything ended at once."""
        with self._database.reading() as connection:
            return brought_back.open_returns(connection)

    def begin_return(
        self,
        title: DeletedTitle,
        *,
        search: bool,
        asked_by: str,
        now: datetime,
        until: datetime,
    ) -> bool:
        """Write down that a title is to be brought back, and keep it until a day.

        Return whether it is new: not if it is under way, or done.
        """
        with self._database.transaction() as connection:
            return brought_back.begin_return(
                connection,
                title,
                search=search,
                asked_by=asked_by,
                now=now,
                until=until,
            )

    def note_return_step(self, deletion: int, connection_id: str, step: str) -> None:
        """Note that a step of bringing back was begun or done."""
        with self._database.transaction() as connection:
            brought_back.note_step(connection, deletion, connection_id, step)

    def conclude_return(
        self,
        deletion: int,
        state: ReturnState,
        reason: Reason | None = None,
        *,
        keep: bool = True,
    ) -> None:
        """Write down how far a title has come; without ``keep`` it is not kept for that."""
        with self._database.transaction() as connection:
            brought_back.conclude_return(connection, deletion, state, reason, keep=keep)

    def end_watched_returns(self, now: datetime) -> None:
        """Keep no longer what was brought back and has been watched since, all of it."""
        with self._database.reading() as connection:
            watched = brought_back.watched_returns(connection, now)
        if watched:
            with self._database.transaction() as connection:
                for deletion in watched:
                    wishes.end_returning(connection, deletion)

    def spent(self, since: datetime) -> Spent:
        """Return what was deleted since a moment, or may have been."""
        with self._database.reading() as connection:
            return journal.spent(connection, since)

    def deleted_count(self) -> int:
        """Return how many movies and episodes were deleted so far."""
        with self._database.reading() as connection:
            return journal.deleted_count(connection)

    def reclaimed_bytes(self, now: datetime) -> int:
        """Return the size of everything that was deleted so far and is off the disk."""
        with self._database.reading() as connection:
            return journal.reclaimed_bytes(connection, now)

    def deleted_since(self, since: datetime) -> list[tuple[datetime, int]]:
        """Return when files were deleted since a moment and how big each was."""
        with self._database.reading() as connection:
            return journal.deleted_since(connection, since)

    def recycled_bytes(self, now: datetime) -> int:
        """Return the size of what is in a recycle bin and will leave the disk."""
        with self._database.reading() as connection:
            return journal.recycled_bytes(connection, now)

    def requests_to_forget(self) -> list[GoneTitle]:
        """Return the titles that are gone and whose requests are to be deleted too."""
        with self._database.reading() as connection:
            return journal.requests_to_forget(connection)

    def request_forgotten(self, title: GoneTitle, seerr: str | None = None) -> None:
        """Note that a Seerr has forgotten a title; ``None``: all of them have."""
        with self._database.transaction() as connection:
            journal.request_forgotten(connection, title, seerr)

    def deletions_to_notice(self, seerr: str, since: datetime) -> dict[int, str]:
        """Return what was confirmed since then, unless a Seerr was sent to look for it.

        By the entry's number the id of its item.
        """
        with self._database.reading() as connection:
            return journal.deletions_to_notice(connection, seerr, since)

    def deletions_noticed(self, seerr: str, numbers: Collection[int]) -> None:
        """Note that a Seerr was sent to look for what is gone."""
        with self._database.transaction() as connection:
            journal.deletions_noticed(connection, seerr, numbers)

    def own_set(self) -> OwnSet | None:
        """Return the collection in Jellyfin that is ours, if there is one."""
        with self._database.reading() as connection:
            return own_set(connection)

    def set_own_set(self, ours: OwnSet | None) -> None:
        """Remember the collection in Jellyfin that is ours; ``None``: there is none."""
        with self._database.transaction() as connection:
            set_own_set(connection, ours)

    def purge(
        self, now: datetime, *, before: datetime | None, user: str | None = None
    ) -> int:
        """Forget what was played, by a user (id or name) or by anybody.

        Until now, or before a date. It is gone from the file afterwards. Return how
        many plays that were. Raises LookupError if there is no such user.
        """
        with self._database.reading() as connection:
            # What is deleted is written over, not only left out.
            connection.execute("PRAGMA secure_delete = ON")
        with self._database.transaction() as connection:
            users = None if user is None else users_named(connection, user)
            if users is not None and not users:
                raise LookupError(user)
            count = purge(
                connection,
                now,
                before=before,
                user_ids=users,
                names=() if users is None else users.values(),
            )
        self.checkpoint()
        return count
