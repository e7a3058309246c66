"""What keeps the safety contract: each guard, and what the tree is like without it.

The points are those of the contract in docs/how-it-is-tested.md. `scripts/mutation` takes
the guards away one by one and says which tests fail.
"""

from dataclasses import dataclass

RETENTION = ("tests/retention",)
CLEANUP = ("tests/cleanup",)
LEDGER = ("tests/ledger", "tests/cleanup")
SERVERS = ("tests/servers/test_http.py",)
GLUE = (
    "tests/test_safety.py",
    "tests/test_services.py",
    "tests/test_switch.py",
    "tests/test_init.py",
)


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
    tests: tuple[str, ...] = CLEANUP


def _guards() -> tuple[Removal, ...]:
    """Return the guards that the executor asks, as they stand in its lists."""
    points = {
        "due": 3,
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
    conditions = (
        ("its tags", chain, "if item.tags is None:"),
        ("one of its requesters", chain, "if requester == _NOBODY:"),
        ("its library", chain, "if not facts.library:"),
        ("which user a requester is", chain, "if user_id is None:"),
        ("who can see it", chain, "if facts.visible_to is None:"),
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
            RETENTION,
        ),
        *(
            Removal(
                0,
                f"not known: {name}",
                path,
                text,
                f"{text.partition(' ')[0]} False:",
                RETENTION,
            )
            for name, path, text in conditions
        ),
    )


def _limits() -> tuple[Removal, ...]:
    """Return the numbers of the contract, and others that are hardly worse."""
    breaker, measure = "cleanup/breaker.py", "cleanup/measure.py"
    numbers = (
        (5, measure, "0.2 * size", "0.21 * size", CLEANUP),
        (5, measure, "min(0.6 * size", "min(0.61 * size", CLEANUP),
        (5, measure, ", 15)), 500)", ", 16)), 500)", CLEANUP),
        (5, measure, ", 15)), 500)", ", 15)), 501)", CLEANUP),
        (5, measure, "0.1 * size", "0.11 * size", CLEANUP),
        (5, measure, "_FEW = 3", "_FEW = 4", CLEANUP),
        (5, breaker, "_UNSEEN_PLAYS = 3", "_UNSEEN_PLAYS = 4", CLEANUP),
        (5, breaker, "timedelta(hours=6)", "timedelta(hours=7)", CLEANUP),
        (4, "cleanup/guards.py", "max_items: int = 25", "max_items: int = 26", CLEANUP),
        (
            2,
            "coordinator.py",
            "MAX_SYNC_AGE = timedelta(hours=24)",
            "MAX_SYNC_AGE = timedelta(hours=30)",
            GLUE,
        ),
    )
    return tuple(
        Removal(point, f"the number in `{text}`", path, text, instead, tests)
        for point, path, text, instead, tests in numbers
    )


CONTRACT: tuple[Removal, ...] = tuple(
    sorted(
        (
            *_unknowns(),
            Removal(
                0,
                "what nobody has watched stays where a rule asks for it",
                "retention/chain.py",
                "if self.require_watched or self.unwatched_behavior is UnwatchedBehavior.NEVER:",
                "if self.unwatched_behavior is UnwatchedBehavior.NEVER:",
                RETENTION,
            ),
            Removal(
                1,
                "dry run is on until somebody turns it off",
                "settings.py",
                "options.get(CONF_DRY_RUN, True)",
                "options.get(CONF_DRY_RUN, False)",
                GLUE,
            ),
            Removal(
                1,
                "automatic deletion is off until somebody turns it on",
                "settings.py",
                "options.get(CONF_AUTOMATIC_DELETION, False)",
                "options.get(CONF_AUTOMATIC_DELETION, True)",
                GLUE,
            ),
            Removal(
                1,
                "the switch of automatic deletion is asked",
                "coordinator.py",
                "if self.settings.automatic_deletion and not self.settings.dry_run:",
                "if not self.settings.dry_run:",
                GLUE,
            ),
            Removal(
                1,
                "the switch of dry run is asked by every run",
                "coordinator.py",
                "is_dry_run=lambda: dry_run or self.settings.dry_run,",
                "is_dry_run=lambda: dry_run,",
                GLUE,
            ),
            Removal(
                1,
                "dry run is asked before an entry",
                "cleanup/execute.py",
                "if self.is_dry_run() and not begun:",
                "if False:",
            ),
            Removal(
                1,
                "dry run is asked before every file",
                "cleanup/execute.py",
                '        if self.is_dry_run():\n            raise Stopped("dry run',
                '        if False:\n            raise Stopped("dry run',
            ),
            Removal(
                2,
                "a sync that failed blocks",
                "coordinator.py",
                "if self._failure is not None:",
                "if False:",
                GLUE,
            ),
            Removal(
                2,
                "a sync that is too old blocks",
                "coordinator.py",
                "if dt_util.utcnow() - state.fully_synced_at > MAX_SYNC_AGE:",
                "if False:",
                GLUE,
            ),
            Removal(
                2,
                "what blocks is asked by every run",
                "coordinator.py",
                "if blockers := self.blockers:",
                "if blockers := self.blockers[:0]:",
                GLUE,
            ),
            Removal(
                2,
                "another server's answers are not taken",
                "sync/library.py",
                "if state.server_id not in (None, info.server_id):",
                "if False:",
                ("tests/sync/test_library.py",),
            ),
            Removal(
                3,
                "what is new on the schedule waits for the grace",
                "ledger/wishes.py",
                "from_ms(to_ms(now + grace))",
                "from_ms(to_ms(now))",
                LEDGER,
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
                5,
                "a finding blocks",
                "coordinator.py",
                "for finding in self.data.findings\n        ]",
                "for finding in self.data.findings[:0]\n        ]",
                GLUE,
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
                "            await self._look(targets)\n            for target",
                "            for target",
            ),
            Removal(
                6,
                "a keep is asked for once more before Radarr or Sonarr deletes",
                "cleanup/execute.py",
                "            await self._last_word(custody)\n",
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
                "[copy for copy in custody.copies if await copy.is_there()]",
                "[copy for copy in custody.copies if False]",
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
                "add_import_exclusion=self.import_exclusion",
                "add_import_exclusion=False",
            ),
            Removal(
                7,
                "what is still listed is called failed only after the next scan",
                "cleanup/settle.py",
                "elif scanned_at and scanned_at > (entry.finished_at or entry.intended_at):",
                "elif True:",
            ),
            Removal(
                8,
                "every sync looks first how open deletions have ended",
                "coordinator.py",
                "            await settle(self.ledger, self.jellyfin, dt_util.utcnow, self.connections)\n",
                "",
                GLUE,
            ),
            Removal(
                8,
                "a damaged file is noticed",
                "ledger/database.py",
                "                _check(self._connection)\n",
                "",
                ("tests/ledger", "tests/test_safety.py", "tests/test_init.py"),
            ),
            Removal(
                9,
                "a second caller is told to wait",
                "coordinator.py",
                "if self.busy and not self._evaluating:",
                "if False:",
                GLUE,
            ),
            Removal(
                10,
                "only admins delete and import",
                "services.py",
                "        service.async_register_admin_service(\n            hass,\n",
                "        hass.services.async_register(\n",
                GLUE,
            ),
            Removal(
                10,
                "an address with a user and a password is refused",
                "servers/http.py",
                'if parsed.user is not None or parsed.password is not None or "@" in url:',
                "if False:",
                SERVERS,
            ),
            Removal(
                10,
                "an address with a key in its query is refused",
                "servers/http.py",
                'if parsed.query_string or parsed.fragment or "?" in url or "#" in url:',
                "if False:",
                SERVERS,
            ),
            Removal(
                10,
                "a key does not follow an answer to another address",
                "servers/http.py",
                "allow_redirects=False,",
                "allow_redirects=True,",
                SERVERS,
            ),
            Removal(
                10,
                "an error's text is not in the diagnostics",
                "diagnostics.py",
                "type(error).__name__ if error",
                "str(error) if error",
                ("tests/test_diagnostics.py",),
            ),
            *_guards(),
            *_findings(),
            *_limits(),
        ),
        key=lambda removal: removal.point,
    )
)
"""In the order of the contract's points."""
