"""How much CPU one evaluation of the whole library takes.

Run it with ``python -m benchmarks.evaluate``. The reference library has 5,000 movies
and 400 series with 40,000 episodes, 20 users and 20 rules; the goal is 0.2 s.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
import gc
import random
import statistics
import sys
import time

from custom_components.oxicleanarr.garbage import without_collector
from custom_components.oxicleanarr.model import (
    MediaFacts,
    MediaItem,
    MediaKey,
    MediaKind,
    Outcome,
    Requester,
)
from custom_components.oxicleanarr.retention import (
    EpisodeRule,
    RetentionBase,
    RetentionRules,
    Rule,
    TagRule,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    evaluate,
    explain,
    parse_duration,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
USERS = {f"{number:032x}": f"user{number:02}" for number in range(20)}
GOAL = 0.2
RUNS = 15


def library(
    movies: int, series: int, episodes: int, *, own_dates: bool = False, seed: int = 1
) -> list[MediaFacts]:
    """Return the facts of a half-watched library, with up to 20 watchers.

    The ledger tells the last date of all users. ``own_dates`` adds every user's own.
    """
    luck = random.Random(seed)
    ids = list(USERS)

    def facts(kind: MediaKind, number: int, **item: object) -> MediaFacts:
        item_id = f"{kind[0]}{kind[1]}{number:030x}"
        players = luck.sample(ids, luck.choice((0, luck.randint(1, len(ids)))))
        last = {
            user_id: NOW - timedelta(minutes=luck.randrange(600_000))
            for user_id in players
        }
        return MediaFacts(
            item=MediaItem(
                item_id=item_id,
                kind=kind,
                title=f"{kind} {number}",
                library_id="l",
                path=f"/media/{item_id}.mkv",
                **item,  # type: ignore[arg-type]
            ),
            key=MediaKey(f"jellyfin:{item_id}"),
            library="Movies" if kind is MediaKind.MOVIE else "Shows",
            added_at=NOW - timedelta(minutes=luck.randrange(1_000_000)),
            watched_by=frozenset(players[: len(players) * 3 // 4 + 1]),
            visible_to=frozenset(ids),
            last_watched=last if own_dates else {},
            last_watched_at=max(last.values(), default=None),
            size_bytes=luck.randrange(10**10),
            tags=frozenset(luck.sample([f"tag{n}" for n in range(40)], 2)),
            requesters=(
                Requester(
                    request_user_id=luck.randrange(20),
                    user_id=luck.choice(ids),
                    names=frozenset({f"user{luck.randrange(20):02}"}),
                ),
            ),
            continuing=luck.random() < 0.3,
        )

    found = [facts(MediaKind.MOVIE, number) for number in range(movies)]
    shows = [facts(MediaKind.SERIES, number) for number in range(series)]
    for number in range(episodes):
        show = shows[number % series]
        place = number // series
        found.append(
            facts(
                MediaKind.EPISODE,
                number,
                series_id=show.item.item_id,
                season=place // 20 + 1,
                episode=place % 20 + 1,
                premiere_at=NOW - timedelta(days=7 * (episodes // series - place)),
            )
        )
    return luck.sample(found := found + shows, len(found))


def some_rules(count: int) -> RetentionRules:
    """Return rules of all types; most titles have to be checked against every one."""
    week, month = parse_duration("7d"), parse_duration("30d")
    made: list[Rule] = []
    for number in range(count):
        name = f"Rule {number}"
        match number % 5:
            case 0 | 1:
                made.append(
                    TagRule(
                        name=name,
                        tag=f"Tag{number}",
                        retention=week,
                        require_watched=True,
                        watched_by=Watchers.ALL if number % 2 else Watchers.ANY,
                    )
                )
            case 2:
                entries = [UserEntry(user_id=number, retention=week)]
                entries.append(UserEntry(username=f"User{number:02}", retention=month))
                made.append(
                    UserRule(name=name, users=tuple(entries), require_watched=True)
                )
            case 3:
                made.append(
                    WatchedRule(name=name, retention=month, libraries=("Elsewhere",))
                )
            case _:
                last = number + 5 >= count
                made.append(
                    EpisodeRule(
                        name=name,
                        tag=None if last else f"tag{number}",
                        max_episodes=5,
                        max_age=month,
                        require_watched=True,
                    )
                )
    return RetentionRules(advanced=tuple(made))


def measure(facts: Sequence[MediaFacts], rules: RetentionRules) -> tuple[float, float]:
    """Return the best and the median CPU time of an evaluation, in seconds.

    The best is what the evaluation takes; the rest is what else the machine does. The
    garbage collector is off, as it is while a plan is made.
    """
    taken = []
    for _ in range(RUNS):
        gc.collect()
        with without_collector():
            start = time.process_time()
            evaluate(facts, rules, USERS, NOW)
            taken.append(time.process_time() - start)
    return min(taken), statistics.median(taken)


def main() -> None:
    """Print the figures."""
    say = sys.stdout.write
    full = library(5000, 400, 40_000)
    rules = some_rules(20)
    verdicts = evaluate(full, rules, USERS, NOW)
    taken = sum(verdict.outcome is Outcome.DELETE for verdict in verdicts)
    say(f"{len(full)} titles, {len(USERS)} users, 20 rules: {len(verdicts)} verdicts, ")
    say(f"{taken} of them let something go\n")
    reference, median = measure(full, rules)
    say(f"reference: {reference:.3f} s CPU (median {median:.3f} s, goal {GOAL} s)\n")

    dated = library(5000, 400, 40_000, own_dates=True)
    say(f"with every user's own dates: {measure(dated, rules)[0]:.3f} s\n")
    every = RetentionRules(
        advanced=(
            EpisodeRule(name="TV", max_episodes=5),
            WatchedRule(
                name="All",
                retention=parse_duration("30d"),
                retention_base=RetentionBase.ADDED,
            ),
        )
    )
    say(f"nearly everything goes: {measure(full, every)[0]:.3f} s\n")
    for part in (4, 2):
        items = library(5000 // part, 400 // part, 40_000 // part)
        seconds = measure(items, rules)[0]
        say(
            f"1/{part} of the titles: {seconds:.3f} s, {seconds / reference:.2f} of it\n"
        )
    for count in (0, 5, 10, 40, 80):
        say(f"{count} rules: {measure(full, some_rules(count))[0]:.3f} s\n")
    start = time.process_time()
    explain(full[0].item.item_id, full, rules, USERS, NOW)
    say(f"explaining one title: {time.process_time() - start:.3f} s\n")


if __name__ == "__main__":
    main()
