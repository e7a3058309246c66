"""What would go: what the rules say, less what protects, plus what is chosen by hand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..model import (
    Keep,
    KeptItem,
    MediaFacts,
    MediaKey,
    MediaKind,
    Outcome,
    Reason,
    Verdict,
)
from .doubts import doubt_about_file, stored_doubt
from .reasons import MANUAL, Why, kept_because, why
from .together import all_at_once, copy_stays, twins

UNMATCHED = "unmatched"
"""What keeps a title that Radarr or Sonarr describe differently than Jellyfin."""

UNCLEAR = "unclear"
"""What keeps a title of which it cannot be told what its files are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What the rules would delete and nothing protects; not yet on the schedule."""

    verdicts: tuple[Verdict, ...]
    kept: tuple[KeptItem, ...]
    places: tuple[Mapping[str, MediaKey], ...]
    """For each verdict the names on the schedule, with their keys: its entry's, and one
    for all that goes with it, so that what joins it later has to be announced too."""

    def wanted(self) -> dict[str, tuple[MediaKey, datetime]]:
        """Return the entries for the schedule: name to key and end of retention.

        Copies of one title share an entry; the later date counts for both.
        """
        wanted: dict[str, tuple[MediaKey, datetime]] = {}
        for verdict, places in zip(self.verdicts, self.places, strict=True):
            if verdict.due_at is None:
                continue
            for name, key in places.items():
                _, other = wanted.get(name, (key, verdict.due_at))
                wanted[name] = (key, max(verdict.due_at, other))
        return wanted


def find_candidates(
    facts: Sequence[MediaFacts],
    verdicts: Iterable[Verdict],
    keeps: Mapping[MediaKey, Keep],
    users: Mapping[str, str],
    *,
    manual: Mapping[MediaKey, datetime] | None = None,
    favorites_keep: bool = True,
) -> Candidates:
    """Return what would go: what the rules say, less what protects, plus what is by hand.

    ``manual`` is from when on a user wants a title to go, whatever the rules say; it
    does not beat a keep, nor a favourite.
    """
    by_id = {fact.item.item_id: fact for fact in facts}
    candidates: list[Verdict] = []
    kept: list[KeptItem] = []
    for verdict in _by_hand(facts, list(verdicts), manual or {}):
        fact = by_id[verdict.item_id]
        if verdict.outcome is Outcome.KEEP:
            kept.append(_kept(fact, verdict.rule, verdict.reason))
            continue
        family = _family(verdict, fact, by_id)
        if protection := _protection(verdict, family, keeps, users, favorites_keep):
            kept.append(_kept(fact, *protection))
        else:
            candidates.append(verdict)
    # What stays holds its copies, and these hold what is in one file with them.
    remaining, staying = candidates, list(kept)
    while staying:
        held = {name: one for one in staying for name in twins(by_id[one.item_id])}
        candidates, remaining, staying = remaining, [], []
        for verdict in candidates:
            fact = by_id[verdict.item_id]
            twin = next((held[one] for one in twins(fact) if one in held), None)
            if twin is None:
                remaining.append(verdict)
            else:
                staying.append(_kept(fact, twin.kept_by, copy_stays(fact, twin, by_id)))
        kept += staying
    remaining = all_at_once(remaining, by_id)
    return Candidates(
        verdicts=tuple(remaining),
        kept=tuple(kept),
        places=tuple(_places(remaining, by_id)),
    )


def _places(
    verdicts: Sequence[Verdict], by_id: Mapping[str, MediaFacts]
) -> Iterator[dict[str, MediaKey]]:
    """Yield the names on the schedule of each verdict, with their keys.

    What goes with an entry is known by its key, which a rename does not change; only
    among copies it takes the id to tell one from the other.
    """
    entries = Counter(map(entry_name, verdicts))
    for verdict in verdicts:
        name = entry_name(verdict)
        copies = entries[name] > 1
        ids = verdict.episode_ids or ((verdict.item_id,) if copies else ())
        keys = Counter(by_id[item_id].key for item_id in ids)
        places = {name: verdict.key}
        for item_id in ids:
            key = by_id[item_id].key
            if copies or keys[key] > 1:
                key = MediaKey(f"jellyfin:{item_id}")
            places[f"{verdict.kind}+{key}"] = key
        yield places


def entry_name(verdict: Verdict) -> str:
    """Return what the entry of a verdict is called: ``PlannedDeletion.name``."""
    return f"{verdict.kind}:{verdict.key}"


def _by_hand(
    facts: Sequence[MediaFacts],
    verdicts: list[Verdict],
    manual: Mapping[MediaKey, datetime],
) -> list[Verdict]:
    """Replace the rules' verdicts where a user has chosen a day."""
    if not manual:
        return verdicts
    chosen = {
        fact.item.item_id: _manual_verdict(fact, facts, manual[fact.key])
        for fact in facts
        if fact.key in manual
    }
    return [
        *(one for one in verdicts if one.item_id not in chosen),
        *(verdict for verdict in chosen.values() if verdict is not None),
    ]


def _manual_verdict(
    fact: MediaFacts, facts: Sequence[MediaFacts], at: datetime
) -> Verdict | None:
    """Return the verdict for a day that a user has chosen; an empty folder has none."""
    item = fact.item
    episode_ids: tuple[str, ...] = ()
    if item.kind in (MediaKind.SERIES, MediaKind.SEASON):
        episode_ids = tuple(
            sorted(
                one.item.item_id
                for one in facts
                if one.item.kind is MediaKind.EPISODE
                and item.item_id in (one.item.series_id, one.item.season_id)
            )
        )
        if not episode_ids:
            return None
    return Verdict(
        item_id=item.item_id,
        key=fact.key,
        kind=item.kind,
        outcome=Outcome.DELETE,
        rule=MANUAL,
        rule_type=MANUAL,
        reason=why(Why.BY_HAND, due_at=at),
        due_at=at,
        episode_ids=episode_ids,
    )


def _family(
    verdict: Verdict, fact: MediaFacts, by_id: Mapping[str, MediaFacts]
) -> list[MediaFacts]:
    """Return everything whose protection reaches this verdict.

    A series protects its seasons and episodes; an entry that takes many episodes is
    held by any one of them.
    """
    family = {fact.item.item_id: fact}
    for item_id in (*verdict.episode_ids, verdict.item_id):
        member = by_id.get(item_id)
        if member is None:
            continue
        for one in (item_id, member.item.season_id, member.item.series_id):
            if one and one in by_id:
                family[one] = by_id[one]
    return list(family.values())


def _protection(
    verdict: Verdict,
    family: Iterable[MediaFacts],
    keeps: Mapping[MediaKey, Keep],
    users: Mapping[str, str],
    favorites_keep: bool,
) -> tuple[str, Reason] | None:
    """Return what keeps a title whatever the rules say, and why."""
    for fact in family:
        if keep := keeps.get(fact.key):
            return "keep", kept_because(keep, fact.item.title)
    if favorites_keep:
        for fact in family:
            if fact.favorite_of:
                names = sorted(users.get(one, one) for one in fact.favorite_of)
                return "favorite", why(
                    Why.FAVORITE_OF, title=fact.item.title, users=tuple(names)
                )
    for fact in family:
        if unclear := fact.unclear or doubt_about_file(fact.item):
            return UNCLEAR, unclear
    for fact in family:
        if fact.doubt:
            server = "Radarr" if fact.item.kind is MediaKind.MOVIE else "Sonarr"
            return UNMATCHED, why(
                Why.UNMATCHED, server=server, because=stored_doubt(fact.doubt)
            )
    for fact in family:
        # What is in a series' folder goes only with all of the series.
        whole = fact.item.kind is not MediaKind.SERIES
        if fact.objection and (whole or verdict.kind is MediaKind.SERIES):
            return UNCLEAR, fact.objection
    return None


def _kept(fact: MediaFacts, kept_by: str, reason: Reason) -> KeptItem:
    """Return that a title stays."""
    kept = reason.code in (Why.KEPT_BY_USER, Why.BROUGHT_BACK)
    ends_at = reason.data.get("ends_at") if kept else None
    return KeptItem(
        item_id=fact.item.item_id,
        key=fact.key,
        kind=fact.item.kind,
        title=fact.item.title,
        kept_by=kept_by,
        reason=reason,
        kept_until=ends_at if isinstance(ends_at, datetime) else None,
    )
