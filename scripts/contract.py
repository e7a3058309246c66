"""What keeps the safety contract: each guard, and what the tree is like without it.

The points are those of the contract in docs/how-it-is-tested.md. `scripts/mutation` takes
the guards away one by one and says which tests fail. It is long because it
is one table, and tests/test_contract.py sees that every line of it fits the code.
"""

from dataclasses import dataclass

TESTS = {
    "automatic.py": ("tests/test_automatic.py",),
    "button.py": ("tests/test_button.py",),
    "cleanup/breaker.py": (
        "tests/cleanup/test_breaker.py",
        "tests/cleanup/test_measure.py",
    ),
    "cleanup/decide.py": (
        "tests/cleanup/test_decide.py",
        "tests/cleanup/test_files.py",
        "tests/cleanup/test_one_title.py",
    ),
    "cleanup/disk.py": ("tests/cleanup/test_disk.py",),
    "cleanup/doubts.py": (
        "tests/cleanup/test_doubts.py",
        "tests/cleanup/test_versions.py",
        "tests/cleanup/test_owners.py",
        "tests/cleanup/test_plan.py",
    ),
    "cleanup/execute.py": (
        "tests/cleanup/test_execute.py",
        "tests/cleanup/test_owners.py",
        "tests/cleanup/test_owners_settle.py",
        "tests/cleanup/test_guards.py",
        "tests/cleanup/test_versions.py",
        "tests/cleanup/test_files.py",
    ),
    "cleanup/guards.py": (
        "tests/cleanup/test_guards.py",
        "tests/cleanup/test_execute.py",
        "tests/cleanup/test_approvals.py",
        "tests/cleanup/test_versions.py",
    ),
    "cleanup/measure.py": (
        "tests/cleanup/test_measure.py",
        "tests/cleanup/test_breaker.py",
    ),
    "cleanup/owners.py": (
        "tests/cleanup/test_owners.py",
        "tests/cleanup/test_versions.py",
    ),
    "cleanup/plan.py": ("tests/cleanup/test_plan.py",),
    "cleanup/requests.py": ("tests/cleanup/test_requests.py",),
    "cleanup/settle.py": ("tests/cleanup/test_settle.py",),
    "diagnostics.py": ("tests/test_diagnostics.py",),
    "keeper.py": ("tests/test_keeper.py",),
    "ledger/approvals.py": ("tests/ledger/test_approvals.py",),
    "ledger/copies.py": ("tests/ledger/test_copies.py",),
    "ledger/database.py": ("tests/ledger/test_database.py",),
    "ledger/facts.py": ("tests/ledger/test_copies.py", "tests/ledger/test_arrivals.py"),
    "ledger/identity.py": (
        "tests/ledger/test_arrivals.py",
        "tests/ledger/test_identity.py",
        "tests/ledger/test_approvals.py",
    ),
    "ledger/journal.py": (
        "tests/cleanup/test_files.py",
        "tests/cleanup/test_versions.py",
    ),
    "ledger/ledger.py": ("tests/ledger/test_database.py",),
    "ledger/plays.py": ("tests/ledger/test_plays.py", "tests/ledger/test_arrivals.py"),
    "ledger/wishes.py": (
        "tests/ledger/test_wishes.py",
        "tests/ledger/test_approvals.py",
    ),
    "model.py": ("tests/ledger/test_approvals.py",),
    "retention/chain.py": ("tests/retention/test_chain.py",),
    "retention/episodes.py": ("tests/retention/test_episodes.py",),
    "retention/terms.py": ("tests/retention/test_chain.py",),
    "retention/watched.py": ("tests/retention/test_chain.py",),
    "servers/address.py": ("tests/servers/test_http.py",),
    "servers/http.py": ("tests/servers/test_http.py",),
    "servers/lists.py": ("tests/sync/test_reads.py",),
    "servers/seerr.py": ("tests/servers/test_seerr.py",),
    "services.py": ("tests/test_access.py",),
    "settings.py": ("tests/test_switch.py", "tests/test_safety.py"),
    "sync/history.py": (
        "tests/sync/test_history.py",
        "tests/sync/test_library.py",
        "tests/sync/test_reads.py",
    ),
    "sync/library.py": ("tests/sync/test_library.py", "tests/sync/test_reads.py"),
    "sync/matching/episodes.py": ("tests/sync/test_episodes.py",),
    "sync/matching/requests.py": ("tests/sync/test_requests.py",),
    "sync/matching/titles.py": ("tests/sync/test_titles.py",),
    "sync/owners.py": ("tests/sync/test_owners.py",),
    "todo.py": ("tests/test_todo.py",),
}
"""The tests that are about the guards of a module, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A guard, by the text that makes it, and what stands there without it."""

    point: int
    """0: the principle behind all points, that what is unknown never deletes."""
    guard: str
    path: str
    """In the integration's folder."""
    text: str
    """It is there exactly once."""
    instead: str = ""
    elsewhere: tuple[str, ...] = ()
    """The tests that are about it, where those of its module are not."""

    @property
    def tests(self) -> tuple[str, ...]:
        """Return the tests of which at least one has to fail without it."""
        return self.elsewhere or TESTS[self.path]


def _guards() -> tuple[Removal, ...]:
    """Return the guards that the executor asks, as they stand in its lists."""
    points = {
        "due": 3,
        "approved": 1,
        "within_items": 4,
        "within_bytes": 4,
        "still_needed": 4,
        "sources_answered": 2,
        "settled": 8,
        "only_files": 7,
        "still_there": 6,
        "same_identity": 6,
        "same_path": 6,
        "same_file": 6,
        "not_kept": 6,
        "not_favorite": 6,
        "not_playing": 6,
        "still_watched": 6,
        "no_newer_play": 6,
        "same_owners": 7,
        "no_scan_running": 7,
        "alone_under_its_name": 7,
    }
    return tuple(
        Removal(point, f"the guard {name}", "cleanup/guards.py", f"    {name},\n")
        for name, point in points.items()
    )


def _lives() -> tuple[Removal, ...]:
    """Return what keeps marks of another copy, or of another number, from counting."""
    rows = (
        (
            "what is seen for the first time has arrived",
            "ledger/identity.py",
            "elif not found and (unseen or moves.strange(item_id)):",
            "elif False:",
        ),
        (
            "an arrival's life begins with the last sync that did not list it",
            "ledger/identity.py",
            "item_id: (since[library_id], since[library_id])",
            "item_id: (None, None)",
        ),
        (
            "no mark of a number counts for a file that has only now come to it",
            "ledger/identity.py",
            "{one: (began[one][0], to_ms(now)) for one in taken_over}",
            "{}",
        ),
        (
            "no announcement of a number counts for a file that has only now come to it",
            "ledger/identity.py",
            "for key in taken_over.values():",
            "for key in ():",
        ),
        (
            "no number's mark goes to a file that is another one",
            "ledger/identity.py",
            "return [one for one in found if one not in moves.taken]",
            "return found",
        ),
        (
            "of several files that it could be, none is believed",
            "ledger/identity.py",
            "if sure and len(rows) == len(same) == 1:",
            "if same:",
        ),
        (
            "another number's flag is doubted",
            "ledger/identity.py",
            "    doubt_flags(connection, named_anew, get_state("
            'connection, "fully_synced_at") or 0)\n',
            "",
        ),
        (
            "a flag that came after the last list may be another number's",
            "ledger/plays.py",
            " WHERE item_id = ? AND first_played_at >= ?",
            " WHERE item_id = ? AND first_played_at > ? AND 0",
        ),
        (
            "whoever is asked later may have another number's flag",
            "ledger/identity.py",
            "((to_ms(now), item_id) for item_id in named_anew),",
            "(),",
        ),
        (
            "a mark of before the arrival is doubted",
            "ledger/plays.py",
            "if last < marks_from or ahead",
            "if ahead",
        ),
        (
            "a press of play does not make an old mark a new one",
            "ledger/plays.py",
            " or ahead or seen.play_count > 1:",
            ":",
        ),
        (
            "a mark without a date is doubted where the file has come",
            "ledger/plays.py",
            "    if last is None:\n        return begin_new_life(seen)\n",
            "    if last is None:\n        return remember(None, seen, now)\n",
        ),
        (
            "the date of another file makes nothing due",
            "ledger/facts.py",
            '        " AND NOT (plays.stale AND plays.last_played_at'
            ' < coalesce(items.added_at, 0))"\n',
            "",
        ),
        (
            "at the first sync retention begins with the file",
            "ledger/plays.py",
            "last_played_at=max(last, min(added_at, now))",
            "last_played_at=last",
        ),
        (
            "what the last look cannot know is not planned",
            "cleanup/doubts.py",
            "if item.added_at is None:",
            "if False:",
        ),
    )
    return tuple(
        Removal(0, guard, path, text, instead) for guard, path, text, instead in rows
    )


def _findings() -> tuple[Removal, ...]:
    """Return the findings of the breaker."""
    measure, breaker = "cleanup/measure.py", "cleanup/breaker.py"
    conditions = (
        ("history shrank", measure, "scope, was, now in _histories(before, current)"),
        ("inventory shrank", measure, "was_there.titles - is_there.titles - "),
        (
            "much watched at once",
            measure,
            "was_there.watched, is_there.watched)]",
        ),
        ("much due at once", measure, "was_there.due, is_there.due)]"),
        ("users vanished", measure, "if _too_many_gone(before, current, factor):"),
        ("what protects vanished", measure, "lost >= _FEW or"),
        ("Jellystat is silent", breaker, "look.unseen_plays > state.accepted_unseen"),
        ("the clock jumped", breaker, "if look.clock_error:"),
    )
    instead = {
        "scope, was, now in _histories(before, current)": "scope, was, now in ()",
        "was_there.titles - is_there.titles - ": "0 * ",
        "was_there.watched, is_there.watched)]": "0, 0)]",
        "was_there.due, is_there.due)]": "0, 0)]",
        "lost >= _FEW or": "False and",
        "look.unseen_plays > state.accepted_unseen": "False",
    }
    return tuple(
        Removal(5, f"the finding: {name}", path, text, instead.get(text, "if False:"))
        for name, path, text in conditions
    )


def _unknowns() -> tuple[Removal, ...]:
    """Return what keeps a title of which something is not known."""
    chain, episodes = "retention/chain.py", "retention/episodes.py"
    watched = "retention/watched.py"
    conditions = (
        ("its tags", chain, "if item.tags is None:"),
        ("one of its requesters", chain, "if requester == _NOBODY:"),
        ("its library", chain, "if not library:"),
        ("which user a requester is", watched, "if user_id is None:"),
        ("who can see it", watched, "if facts.visible_to is None:"),
        ("when it was added", chain, "if start is None:"),
        ("the tags of a series", episodes, "elif series.tags is None:"),
        ("whether a series goes on", episodes, "if series.facts.continuing is None:"),
        ("when an episode aired", episodes, "if aired is None:"),
        ("when an episode was added", episodes, "if added is None:"),
    )
    return (
        Removal(
            0,
            "not known: when it was watched",
            chain,
            "return facts.last_watched_at is None and bool(",
            "return False and bool(",
        ),
        *(
            Removal(
                0,
                f"not known: {name}",
                path,
                text,
                f"{text.partition(' ')[0]} False:",
            )
            for name, path, text in conditions
        ),
    )


def _limits() -> tuple[Removal, ...]:
    """Return the numbers of the contract, and others that are hardly worse."""
    breaker, measure = "cleanup/breaker.py", "cleanup/measure.py"
    numbers = (
        (5, measure, "0.2 * size", "0.21 * size"),
        (5, measure, "most: float = 0.6", "most: float = 0.61"),
        (5, measure, "most * size, 15", "most * size, 16"),
        (5, measure, "15)), 500", "15)), 501"),
        (5, measure, "0.1 * size", "0.11 * size"),
        (5, measure, "_FEW = 3", "_FEW = 4"),
        (5, breaker, "_UNSEEN_PLAYS = 3", "_UNSEEN_PLAYS = 4"),
        (5, breaker, "timedelta(hours=6)", "timedelta(hours=7)"),
        (4, "cleanup/guards.py", "max_items: int = 25", "max_items: int = 26"),
        (
            2,
            "keeper.py",
            "MAX_SYNC_AGE = timedelta(hours=24)",
            "MAX_SYNC_AGE = timedelta(hours=30)",
        ),
        (
            3,
            "keeper.py",
            "NOT_SEEN_AFTER = timedelta(hours=6)",
            "NOT_SEEN_AFTER = timedelta(hours=7)",
        ),
        (
            5,
            "keeper.py",
            "CLOCK_TOLERANCE = timedelta(hours=1)",
            "CLOCK_TOLERANCE = timedelta(hours=2)",
        ),
    )
    return tuple(
        Removal(point, f"the number in `{text}`", path, text, instead)
        for point, path, text, instead in numbers
    )


def _keeper() -> tuple[Removal, ...]:
    """Return what the keeper asks before it lets anything go, and what it remembers."""
    rows = (
        (
            1,
            "the switch of dry run is asked by every run",
            "return replace(now, dry_run=now.dry_run or dry_run)",
            "return replace(now, dry_run=dry_run)",
        ),
        (
            1,
            "what may go by itself is asked before every file",
            "if self._automatic_limits(recycled) is None:",
            "if False:",
        ),
        (
            1,
            "a run asks before every file whether it may go on",
            "return halt()",
            "return None",
        ),
        (
            1,
            "an automatic run begins only where nothing blocks it",
            "if limits is None or self.blockers or not self.due:",
            "if limits is None or not self.due:",
        ),
        (2, "a sync that failed blocks", "if self.failure is not None:", "if False:"),
        (
            2,
            "a server that fails makes a sync fail",
            "            self.failure = why(Why.SYNC_FAILED, error=str(err))\n",
            "",
        ),
        (
            2,
            "a ledger that fails makes a sync fail",
            "            self.failure = why(Why.SYNC_FAILED, error=self.ledger_failure)\n",
            "",
        ),
        (
            2,
            "what nobody foresaw makes a sync fail",
            "self.failure = why(Why.SYNC_BROKE, error=type(err).__name__)",
            "pass",
        ),
        (
            2,
            "a sync that is too old blocks",
            "if self.clock.now() - overview.state.fully_synced_at > MAX_SYNC_AGE:",
            "if False:",
        ),
        (
            2,
            "without a complete sync nothing goes",
            "if overview.plan is None or overview.state.fully_synced_at is None:",
            "if False:",
        ),
        (
            2,
            "what blocks is asked by every run",
            "if blockers := self.blockers:",
            "if blockers := self.blockers[:0]:",
        ),
        (
            2,
            "a sync precedes every deletion",
            "            await self._sync(full=False)\n            await self._plan()\n\n"
            "            def terms()",
            "            def terms()",
        ),
        (
            2,
            "a full sync where its interval is over",
            "            or now - state.fully_synced_at >= self.settings.full_sync_interval\n",
            "",
        ),
        (
            2,
            "a full sync where the clock was put back",
            "            or state.fully_synced_at > now\n",
            "",
        ),
        (
            2,
            "a full sync where other libraries were chosen",
            "            or self._libraries_read != self.settings.libraries\n",
            "",
        ),
        (
            2,
            "a full sync where a poll meets what is gone",
            "return await self._read(full=True)",
            "raise",
        ),
        (
            3,
            "the grace begins anew where nobody could see what was announced",
            "if state.restored or not _was_seen(state.synced_at, now, moved):",
            "if state.restored:",
        ),
        (
            3,
            "the grace begins anew in a restored file",
            "if state.restored or not _was_seen(state.synced_at, now, moved):",
            "if not _was_seen(state.synced_at, now, moved):",
        ),
        (
            3,
            "the grace begins anew where the clock was put back",
            "-CLOCK_TOLERANCE <= passed < NOT_SEEN_AFTER",
            "passed < NOT_SEEN_AFTER",
        ),
        (
            3,
            "a clock that is put back hides no time in which nobody could see",
            " and passed - moved < NOT_SEEN_AFTER",
            "",
        ),
        (
            5,
            "a finding blocks",
            "for finding in overview.findings\n        )",
            "for finding in overview.findings[:0]\n        )",
        ),
        (
            5,
            "a clock that jumps is noticed",
            "if abs(now - then - passed) > CLOCK_TOLERANCE:",
            "if False:",
        ),
        (
            5,
            "a clock that is behind at start is noticed",
            "elif state.synced_at is not None and state.synced_at - now > CLOCK_TOLERANCE:",
            "elif False:",
        ),
        (
            5,
            "a jump that cannot be written down is not forgotten",
            "        if after != before:\n            self.ledger.set_breaker_state(after",
            "        self._clock_error = 0\n        if after != before:\n"
            "            self.ledger.set_breaker_state(after",
        ),
        (
            5,
            "a lost history is written down",
            "await asyncio.to_thread(self._note, lost)",
            "pass",
        ),
        (
            5,
            "a history is forgotten only where it is gone",
            "forget = finding.suspicion is Suspicion.HISTORY_SHRANK and self._history_gone",
            "forget = finding.suspicion is Suspicion.HISTORY_SHRANK",
        ),
        (
            5,
            "a good sync makes a lost history one of before",
            "        self._history_gone = False\n        self._right_server = True",
            "        self._right_server = True",
        ),
        (
            5,
            "a lost ledger blocks",
            "opened.ledger.set_breaker_state(state.to_mapping())",
            "pass",
        ),
        (
            7,
            "Seerr forgets requests only if that is wanted",
            "if self.settings.seerr_cleanup:",
            "if True:",
        ),
        (
            8,
            "every sync looks first how open deletions have ended",
            "            await settle(\n                self.ledger,\n"
            "                self.servers.jellyfin,\n                self.clock.now,\n"
            "                self.servers.connections,\n            )\n",
            "",
        ),
        (
            9,
            "a second caller is told to wait",
            "if self.busy and not self._evaluating:",
            "if False:",
        ),
        (
            9,
            "a tick does nothing while something is under way",
            "        if self.busy:\n            return self._overview or await self.load()\n",
            "",
        ),
        (
            9,
            "what is asked for holds the lock",
            "        async with self._lock:\n            yield",
            "        yield",
        ),
        (
            9,
            "no file goes any more while the keeper is closed",
            "            if self._closing:\n                return",
            "            if False:\n                return",
        ),
        (
            2,
            "a ledger that knows no server yet is told which one was set up",
            "partial(full_sync, server_id=self.settings.server_id)",
            "partial(full_sync)",
        ),
    )
    return tuple(
        Removal(point, guard, "keeper.py", text, instead)
        for point, guard, text, instead in rows
    )


def _automatic() -> tuple[Removal, ...]:
    """Return what lets titles go by themselves."""
    rows = (
        (
            "the switch of automatic deletion is asked",
            "if not settings.automatic_deletion or settings.dry_run:",
            "if settings.dry_run:",
        ),
        (
            "dry run lets no automatic run begin",
            "if not settings.automatic_deletion or settings.dry_run:",
            "if not settings.automatic_deletion:",
        ),
        (
            "the time of day is asked",
            "if not self._is_time(settings, dt_util.now()) or not self._is_on(settings):",
            "if not self._is_on(settings):",
        ),
        (
            "the entity that has to be on is asked",
            "if not self._is_time(settings, dt_util.now()) or not self._is_on(settings):",
            "if not self._is_time(settings, dt_util.now()):",
        ),
        ("the disk is asked", "if settings.disk is not None:", "if False:"),
        (
            "a disk that is not known lets nothing go",
            "if state is None or free is None:",
            "if state is None:",
        ),
        (
            "what lies in a recycle bin counts as free",
            "        missing -= recycled\n",
            "",
        ),
    )
    return tuple(
        Removal(1, guard, "automatic.py", text, instead)
        for guard, text, instead in rows
    )


def _reading() -> tuple[Removal, ...]:
    """Return what a sync asks twice, or does not believe."""
    library, history, owners = "sync/library.py", "sync/history.py", "sync/owners.py"
    titles, episodes = "sync/matching/titles.py", "sync/matching/episodes.py"
    rows = (
        (
            2,
            "another server's answers are not taken",
            library,
            "if server_id not in (None, info.server_id):",
            "if False:",
        ),
        (
            6,
            "what a user played before being disabled is read",
            library,
            "_is_readable(read_user(user))",
            "_is_readable(favorites.read(user))",
        ),
        (
            2,
            "a poll asks whether it is the same server",
            library,
            "    await same_server(jellyfin, state.server_id)\n    since",
            "    since",
        ),
        (
            2,
            "a list of users that lacks one is read twice",
            library,
            "{one.user_id for one in known},",
            "set(),",
        ),
        (
            2,
            "a list of libraries that lacks one is read twice",
            library,
            "{one.library_id for one in known},",
            "set(),",
        ),
        (
            2,
            "a list of titles in Radarr or Sonarr that lacks one is read twice",
            owners,
            "await read_whole(connection.name, read, known, lambda one: one.title_id)",
            "await read()",
        ),
        (
            2,
            "a title that no list has is asked for by its id",
            library,
            "        found = await jellyfin.items(unlisted)\n"
            "        await asyncio.to_thread(batch.still_there, list(found))\n",
            "        pass\n",
        ),
        (
            2,
            "a play that no list has is asked for by its id",
            library,
            "if unlisted := await asyncio.to_thread(batch.unlisted_plays, user_id):",
            "if unlisted := ():",
        ),
        (
            2,
            "a poll asks whether a title of another id is still there",
            library,
            "gone = set(rivals) - set(await jellyfin.items(rivals)) if rivals else set()",
            "gone = set(rivals)",
        ),
        (
            2,
            "a history whose first page is empty is gone",
            history,
            "if missing and page.cursor is None and read == before:",
            "if False:",
        ),
        (
            2,
            "a history that is empty is gone",
            history,
            "if not found and rows == 0:",
            "if False:",
        ),
        (
            2,
            "a history whose length differs is read again",
            history,
            "        if found and rows == expected + state.history_surplus:",
            "        if found:",
        ),
        (
            0,
            "not known: the tags of one owner",
            owners,
            "        if some is None:\n            return None",
            "        if some is None:\n            continue",
        ),
        (
            0,
            "not known: the titles of a Radarr or Sonarr that is silent",
            owners,
            "return found if len(found) == len(connections) else None",
            "return found",
        ),
        (
            0,
            "not known: the requests of a Seerr that is silent",
            owners,
            "            requests = None\n            continue",
            "            continue",
        ),
        (
            0,
            "not known: who asked for a title whose ids agree in part",
            "sync/matching/requests.py",
            "if not ids or mixed:",
            "if not ids:",
        ),
        (
            6,
            "items that contradict each other are in doubt",
            titles,
            "if ids in (Ids.MIXED, Ids.OTHER):",
            "if False:",
        ),
        (
            6,
            "one file lies in one place only",
            titles,
            "if item.source_count <= 1 and any(one.place is _Place.SAME for one in links):",
            "if False:",
        ),
        (
            6,
            "ids that agree in part are a doubt",
            titles,
            "if self.ids is Ids.MIXED and self.place is not _Place.SAME:",
            "if False:",
        ),
        (
            6,
            "a path with other ids is a doubt",
            titles,
            "if self.ids is Ids.OTHER:",
            "if False:",
        ),
        (
            6,
            "ids at another place are a doubt",
            titles,
            "if own and all(place is _Place.OTHER for place in own):",
            "if False:",
        ),
        (
            6,
            "two titles of one server are a doubt",
            titles,
            "if len(servers) != len(set(servers)):",
            "if False:",
        ),
        (
            6,
            "a copy that Jellyfin does not show is a doubt",
            titles,
            "if all(place is _Place.OTHER for place in own):\n            return Doubt.UNSEEN_COPY",
            "if False:\n            return Doubt.UNSEEN_COPY",
        ),
        (
            6,
            "more copies than Jellyfin shows are a doubt",
            titles,
            "if len(filled) > (copies if kind is MediaKind.MOVIE else len(items)):",
            "if False:",
        ),
        (
            6,
            "an episode's copy that Jellyfin does not show is a doubt",
            episodes,
            "        if elsewhere[key]:",
            "        if False:",
        ),
        (
            6,
            "what else is in an episode's file is a doubt",
            episodes,
            "elif not _inside(owned_file) <= covered[key]:",
            "elif False:",
        ),
        (
            6,
            "more files than an episode has are a doubt",
            episodes,
            "if len(held[root]) > sum(item.source_count for item in together):",
            "if False:",
        ),
    )
    return tuple(
        Removal(point, guard, path, text, instead)
        for point, guard, path, text, instead in rows
    )


CONTRACT: tuple[Removal, ...] = tuple(
    sorted(
        (
            *_unknowns(),
            Removal(
                0,
                "what nobody has watched stays where a rule asks for it",
                "retention/terms.py",
                "keeps_unwatched=require_watched\n        or _keeps_unwatched",
                "keeps_unwatched=_keeps_unwatched",
            ),
            Removal(
                0,
                "copies of another length are watched one by one",
                "ledger/copies.py",
                "if not alike(copy.runtime for copy in copies):",
                "if False:",
            ),
            Removal(
                0,
                "what was watched before a copy came is nothing to that one",
                "ledger/copies.py",
                "return copy.life_started_at is None or at >= copy.life_started_at",
                "return True",
            ),
            Removal(
                0,
                "rows of one number are a doubt",
                "ledger/copies.py",
                "if not all(one.exact for one in sharing)",
                "if False",
            ),
            Removal(
                0,
                "versions of unknown length are a doubt",
                "ledger/copies.py",
                "if runtimes is None or len(runtimes) < item.source_count or None in runtimes:",
                "if runtimes is None:",
            ),
            Removal(
                0,
                "versions of another length are a doubt",
                "ledger/copies.py",
                "if not alike(runtimes):",
                "if False:",
            ),
            Removal(
                0,
                "versions with other numbers are a doubt",
                "ledger/copies.py",
                "if numbers_in(first) != numbers_in(other):",
                "if False:",
            ),
            Removal(
                0,
                "what lies in an unmanaged library stays",
                "ledger/facts.py",
                "if path.startswith(folder):",
                "if False:",
            ),
            Removal(
                6,
                "what is merged after the sync is a doubt",
                "cleanup/decide.py",
                "if item is not None and item.source_count != fact.item.source_count:",
                "if False:",
            ),
            Removal(
                1,
                "dry run is on until somebody turns it off",
                "settings.py",
                "options.get(CONF_DRY_RUN, True)",
                "options.get(CONF_DRY_RUN, False)",
            ),
            Removal(
                1,
                "automatic deletion is off until somebody turns it on",
                "settings.py",
                "options.get(CONF_AUTOMATIC_DELETION, False)",
                "options.get(CONF_AUTOMATIC_DELETION, True)",
            ),
            Removal(
                1,
                "dry run is asked before an entry",
                "cleanup/execute.py",
                "if self.run.terms().dry_run and not begun:",
                "if False:",
            ),
            Removal(
                1,
                "dry run is asked before every file",
                "cleanup/execute.py",
                "        if self.run.terms().dry_run:\n            raise Stopped(why",
                "        if False:\n            raise Stopped(why",
            ),
            Removal(
                3,
                "what is new on the schedule waits for the grace",
                "ledger/wishes.py",
                "from_ms(to_ms(now + grace))",
                "from_ms(to_ms(now))",
            ),
            Removal(
                3,
                "a series waits for an episode that joins it",
                "cleanup/plan.py",
                "due_at=max(one.due_at for one in scheduled),",
                "due_at=scheduled[0].due_at,",
            ),
            Removal(
                4,
                "the oldest due go first",
                "cleanup/plan.py",
                "    entries.sort(",
                "    sorted(entries, ",
            ),
            Removal(
                4,
                "what went of a title counts though its deletion failed",
                "ledger/journal.py",
                " OR freed_bytes > 0)",
                ")",
            ),
            Removal(
                5,
                "what was lost stays compared with what was",
                "cleanup/breaker.py",
                "held = [one for one in found if one in PARTS]",
                "held: list[Suspicion] = []",
            ),
            Removal(
                6,
                "one episode that has to stay holds the whole entry",
                "cleanup/execute.py",
                "                await self._look(targets)\n            for",
                "                pass\n            for",
            ),
            Removal(
                6,
                "a keep is asked for once more before Radarr or Sonarr deletes",
                "cleanup/execute.py",
                "            await self._last_word()\n",
            ),
            Removal(
                7,
                "nothing is looked for any more before its file goes",
                "cleanup/execute.py",
                "                await copy.unmonitor()\n",
                "                pass\n",
            ),
            Removal(
                7,
                "what stays is looked for again",
                "cleanup/execute.py",
                "                await copy.restore()\n",
                "                pass\n",
            ),
            Removal(
                7,
                "Radarr and Sonarr are read again after the deletion",
                "cleanup/execute.py",
                "if (number_left := await copy.files_left())",
                "if (number_left := 0)",
            ),
            Removal(
                7,
                "a file of Radarr that Jellyfin does not show stays, and all with it",
                "cleanup/doubts.py",
                "        if not best:\n            raise Stopped(",
                "        if not best:\n            continue\n            raise Stopped(",
            ),
            Removal(
                7,
                "of two files of Radarr with one name only one is what Jellyfin shows",
                "cleanup/doubts.py",
                "if known[1] != row.path:",
                "if False:",
            ),
            Removal(
                7,
                "a file that came in since the sync stays",
                "cleanup/doubts.py",
                "file.added_at > known",
                "False",
            ),
            Removal(
                7,
                "a title that Jellyfin would leave in half stays",
                "cleanup/owners.py",
                "if copies and not in_one_folder(target, rest):",
                "if False:",
            ),
            Removal(
                7,
                "no entry goes before the disk says that its title has",
                "cleanup/execute.py",
                "sure = gone or (gone is None and not for_jellyfin)",
                "sure = True",
            ),
            Removal(
                7,
                "what Jellyfin has to delete beside Radarr is looked at as without it",
                "cleanup/guards.py",
                "    if not view.on_disk.for_jellyfin:\n",
                "    if view.owners:\n",
            ),
            Removal(
                7,
                "a folder that is not the title's own stays",
                "cleanup/owners.py",
                "if objection := folder_objection(title, catalog.titles, roots):",
                "if objection := None:",
            ),
            Removal(
                7,
                "no folder goes while its root folder is not there",
                "cleanup/owners.py",
                "root.accessible is False",
                "False",
            ),
            Removal(
                7,
                "a movie is put on the list of exclusions",
                "cleanup/owners.py",
                "add_import_exclusion=import_exclusion",
                "add_import_exclusion=False",
            ),
            Removal(
                7,
                "what is still listed is called failed only after the next scan",
                "cleanup/settle.py",
                "elif sight is _Sight.UNKNOWN and scanned_since:",
                "elif True:",
            ),
            Removal(
                7,
                "a request that somebody waits for is not forgotten",
                "cleanup/requests.py",
                "one.waiting is False",
                "one.waiting is not None",
            ),
            Removal(
                7,
                "a request made after the deletion is not forgotten",
                "cleanup/requests.py",
                "at is not None and at < title.deleted_at",
                "at is not None",
            ),
            Removal(
                7,
                "a request for what is still in Jellyfin is not forgotten",
                "cleanup/requests.py",
                "one.item_id not in self._listed)",
                "True)",
            ),
            Removal(
                7,
                "no title is forgotten while somebody waits for any of it",
                "cleanup/requests.py",
                "            if media_id is not None and all(\n",
                "            if media_id is not None and any(\n",
            ),
            Removal(
                7,
                "what Seerr says that it does not know is looked for again",
                "cleanup/requests.py",
                "            if self._over(title):\n",
                "            if False:\n",
            ),
            Removal(
                0,
                "not known: a list of requests that lacks one",
                "servers/seerr.py",
                "if len(found) == answer.count == total:",
                "if True:",
            ),
            Removal(
                6,
                "several files in a row that are not to be seen end the run",
                "cleanup/execute.py",
                "if self.unseen >= _UNSEEN_IN_A_ROW:",
                "if False:",
            ),
            Removal(
                6,
                "a video that is not the title's holds its folder",
                "cleanup/disk.py",
                "if self._is_foreign(entry.path, hidden=hidden):",
                "if False:",
            ),
            Removal(
                6,
                "a sub-folder of whatever holds the folder",
                "cleanup/disk.py",
                "if not (inside or self._holds_own(path) or self._is_season(path)):",
                "if False:",
            ),
            Removal(
                0,
                "not known: a film in parts whose last part nobody has watched",
                "ledger/facts.py",
                "        if item_id in watched:",
                "        if False:",
                ("tests/cleanup/test_files.py",),
            ),
            Removal(
                6,
                "the last part of a film is looked at right before",
                "cleanup/decide.py",
                "        if user_id in unfinished:\n            continue\n",
            ),
            Removal(
                7,
                "a file is gone only where its disk is to be seen",
                "cleanup/disk.py",
                "        if others:\n            return False\n",
                "        if others:\n            return True\n",
            ),
            Removal(
                7,
                "only the answer that says so shows that a file is there",
                "servers/http.py",
                "            if response.status != 204:\n",
                "            if False:\n",
                ("tests/servers/test_jellyfin.py",),
            ),
            Removal(
                7,
                "a row of what was deleted is no return of it",
                "sync/library.py",
                "        if not await jellyfin.path_exists(path, folder=None):\n",
                "        if False:\n",
                ("tests/cleanup/test_execute.py",),
            ),
            Removal(
                8,
                "another Jellyfin says nothing about a deletion",
                "cleanup/settle.py",
                "    await same_server(jellyfin, state.server_id)\n",
            ),
            Removal(
                8,
                "a damaged file is noticed",
                "ledger/database.py",
                "                _check_tables(self._connection)\n",
                "",
            ),
            Removal(
                8,
                "damage in the watch history is noticed by a sync",
                "ledger/ledger.py",
                "        self._database.check()\n        return SyncBatch",
                "        return SyncBatch",
            ),
            Removal(
                8,
                "damage that is met in reading is looked for at the next start",
                "ledger/database.py",
                "                    raise self._doubt(err) from err\n",
                "                    pass\n",
            ),
            Removal(
                8,
                "damage in the watch history is noticed before a deletion",
                "ledger/ledger.py",
                "        self._database.check()\n        with",
                "        with",
            ),
            Removal(
                10,
                "only admins delete and import",
                "services.py",
                "        await async_require_admin(call.hass, call.context)\n",
                "        pass\n",
            ),
            Removal(
                10,
                "only admins press the button that deletes",
                "button.py",
                "        if self.entity_description.admins_only:\n",
                "        if False:\n",
            ),
            Removal(
                10,
                "only admins approve by an action",
                "services.py",
                "_async_approve_item, schemas.TITLES, True)",
                "_async_approve_item, schemas.TITLES, False)",
                ("tests/test_approvals.py",),
            ),
            Removal(
                10,
                "only admins approve by a tick",
                "todo.py",
                "            await async_require_admin(self.hass, context)\n",
                "",
                ("tests/test_approvals.py",),
            ),
            Removal(
                10,
                "nothing is approved by voice",
                "todo.py",
                "if context is None:",
                "if False:",
                ("tests/test_approvals.py",),
            ),
            Removal(
                1,
                "what waits for an approval is not ready",
                "model.py",
                "return self.due_at <= now and approved",
                "return self.due_at <= now",
                ("tests/cleanup/test_approvals.py",),
            ),
            Removal(
                1,
                "an approval ends after a time",
                "cleanup/guards.py",
                "one.until is not None and one.until > view.now and one.covers",
                "one.until is not None and one.covers",
                ("tests/cleanup/test_approvals.py",),
            ),
            Removal(
                1,
                "an approval is for what was shown",
                "model.py",
                "            and self.target_ids >= frozenset(entry.target_ids)\n",
                "",
            ),
            Removal(
                1,
                "an approval is for the rule that was shown",
                "model.py",
                "            and (entry.rule, entry.rule_type) == (self.rule, self.rule_type)\n",
                "",
            ),
            Removal(
                1,
                "an approval ends with a gap",
                "ledger/ledger.py",
                "            approvals.end_all(connection)\n",
                "",
                ("tests/ledger/test_approvals.py",),
            ),
            Removal(
                1,
                "an approval ends with a keep",
                "ledger/wishes.py",
                '    """\n    approvals.end_of_key(connection, wish.key)\n',
                '    """\n',
            ),
            Removal(
                1,
                "titles that become one are not approved",
                "ledger/approvals.py",
                "if split or titles > 1:",
                "if False:",
            ),
            Removal(
                1,
                "what has come back is not approved",
                "ledger/identity.py",
                "    end_of_items(connection, [*returned, *new])\n",
                "",
            ),
            Removal(
                10,
                "what another keeps is not unticked",
                "todo.py",
                "asker = await async_asker(self.hass, context)",
                "asker = await async_asker(self.hass, None)",
            ),
            Removal(
                3,
                "to preview a rule announces nothing",
                "cleanup/plan.py",
                "ledger.schedule if announce else ledger.proposed_schedule",
                "ledger.schedule",
                ("tests/test_keeper.py",),
            ),
            Removal(
                10,
                "an address with a user and a password is refused",
                "servers/address.py",
                'if "@" in url:',
                "if False:",
            ),
            Removal(
                10,
                "an address with a key in its query is refused",
                "servers/address.py",
                'if "?" in url or "#" in url:',
                "if False:",
            ),
            Removal(
                10,
                "a key does not follow an answer to another address",
                "servers/http.py",
                "allow_redirects=False,",
                "allow_redirects=True,",
            ),
            Removal(
                10,
                "an error's text is not in the diagnostics",
                "diagnostics.py",
                "type(error).__name__ if error",
                "str(error) if error",
            ),
            Removal(
                2,
                "a Seerr that is silent keeps what depends on who asked",
                "cleanup/execute.py",
                "if not terms.rules.need_requesters:",
                "if True:",
                ("tests/test_keeper.py",),
            ),
            Removal(
                2,
                "half a list does not pass for a whole one",
                "servers/lists.py",
                "if ids.issuperset(known):",
                "if True:",
            ),
            *_keeper(),
            *_automatic(),
            *_reading(),
            *_guards(),
            *_lives(),
            *_findings(),
            *_limits(),
        ),
        key=lambda removal: removal.point,
    )
)
"""In the order of the contract's points."""
