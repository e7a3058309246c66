"""Why a title stays or goes, asked for any title in Home Assistant."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.ledger import LedgerError
from custom_components.oxicleanarr.model import Keep, MediaKey
from simulators import Fault, FaultKind, Household, JellyfinSimulator
from simulators.items import Series
from simulators.sample import CASES

from .conftest import pass_time
from .test_services import RULES, call

pytestmark = pytest.mark.usefixtures("no_waiting")


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change the options."""
    hass.config_entries.async_update_entry(entry, options=RULES | options)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
async def ruled(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> MockConfigEntry:
    """Return an entry with the guide's simple rules and two others."""
    await call(
        hass,
        "import_rules",
        yaml="""
advanced_rules:
  - {name: Quick, type: tag, tag: quick-watch, retention: 3d, require_watched: true}
  - {name: Kids, type: tag, tag: kids, retention: never, enabled: false}
  - {name: People, type: user, users: [{username: alice, retention: never}]}
""",
    )
    await choose(hass, setup_integration)
    return setup_integration


async def ask(hass: HomeAssistant, item_id: str) -> dict[str, Any]:
    """Return the explanation of a title."""
    return await call(hass, "explain_item", item_id=item_id)


async def test_pending(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """Every rule that was asked, what it said, and the day that the plan has."""
    film = household[CASES["watched 5 days ago"]]
    result = await ask(hass, film.id)
    assert set(result) == {"item", "verdict", "trace"}
    assert result["item"] == {
        "item_id": film.id,
        "key": result["item"]["key"],
        "kind": "movie",
        "title": film.name,
        "year": 2024,
        "series": None,
        "season": None,
        "episode": None,
        "library": "Movies",
    }
    assert result["item"]["key"].startswith("movie:tmdb:")
    plan = await call(hass, "evaluate_rules")
    (row,) = [row for row in plan["pending"] if row["item_id"] == film.id]
    verdict = result["verdict"]
    assert verdict["outcome"] == "delete"
    # The grace is in it.
    assert verdict["due_at"] == row["due_at"]
    assert (verdict["rule"], verdict["rule_type"]) == ("Default retention", "standard")
    assert verdict["reason"] == row["reason"]
    assert "If somebody played it now, it would be kept" in verdict["would_change"]
    assert verdict["reason_code"] == row["reason_code"]
    assert verdict["reason_data"] == row["reason_data"]
    assert verdict["would_change_code"] == "playing_keeps_it"
    assert verdict["would_change_data"].keys() == {"due_at"}
    assert [
        (step["rule"], step["type"], step["matched"], step["outcome"])
        for step in result["trace"]
    ] == [
        ("Quick", "tag", False, None),
        ("Kids", "tag", False, None),
        ("People", "user", False, None),
        ("Default retention", "standard", True, "delete"),
    ]
    because = {step["rule"]: step["because"] for step in result["trace"]}
    assert because["Quick"] == "It doesn't have the tag quick-watch."
    assert because["Kids"] == "The rule is disabled."
    assert because["People"].startswith("No Seerr is connected")
    first = result["trace"][0]
    assert first["because_code"] == "no_tag"
    assert first["because_data"] == {"tag": "quick-watch"}
    # Under its key it is the same.
    again = await ask(hass, result["item"]["key"])
    # A play at that moment would be a little later.
    del again["verdict"]["would_change_data"], verdict["would_change_data"]
    assert again == result


async def test_kept_by_the_rules(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """What was not watched stays, with what would change that."""
    result = await ask(hass, household[CASES["never watched"]].id)
    verdict = result["verdict"]
    assert verdict["outcome"] == "keep"
    assert verdict["due_at"] is None
    assert "nobody has finished it" in verdict["reason"]
    assert "If everybody finished it now" in verdict["would_change"]
    result = await ask(hass, household[CASES["one episode left"]].id)
    assert result["item"]["kind"] == "series"
    assert "alice has watched 11 of 12 episodes" in result["verdict"]["reason"]


async def test_protected_whatever_the_rules_say(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """A keep and a favourite come last in the trace, for they have the last word."""
    film = household[CASES["watched, a favourite"]]
    result = await ask(hass, film.id)
    assert result["verdict"]["outcome"] == "keep"
    assert result["verdict"]["rule"] == result["verdict"]["rule_type"] == "favorite"
    assert "favorite of carol" in result["verdict"]["reason"]
    assert "the rules would decide" in result["verdict"]["would_change"]
    assert [step["outcome"] for step in result["trace"][-2:]] == ["delete", "keep"]
    await choose(hass, ruled, favorites_keep=False)
    assert (await ask(hass, film.id))["verdict"]["outcome"] == "delete"

    ledger = ruled.runtime_data.keeper.ledger
    for case in ("watched 9 days ago", "never watched"):
        key = MediaKey((await ask(hass, household[CASES[case]].id))["item"]["key"])
        await hass.async_add_executor_job(
            ledger.keep, Keep(key=key, kept_at=dt_util.utcnow(), reason="for grandma")
        )
        result = await ask(hass, key)
        assert result["verdict"]["outcome"] == "keep"
        assert result["verdict"]["rule"] == "keep"
        assert "for grandma" in result["verdict"]["reason"]
        assert result["trace"][-1]["rule"] == "keep"


async def test_series_seasons_and_episodes(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """An episode goes with its series, and stays with it."""
    show = household[CASES["watched by one user"]]
    assert isinstance(show, Series)
    series = (await ask(hass, show.id))["verdict"]
    assert series["outcome"] == "delete"
    episode = await ask(hass, show.episodes[0].id)
    assert episode["item"]["kind"] == "episode"
    assert episode["item"]["series"] == show.name
    assert episode["verdict"]["outcome"] == "delete"
    assert episode["verdict"]["due_at"] == series["due_at"]
    assert "The series as a whole" in episode["trace"][-1]["because"]
    season = await ask(hass, show.seasons[0].id)
    assert season["item"]["kind"] == "season"
    # A play at that moment would be a little later.
    del season["verdict"]["would_change_data"], series["would_change_data"]
    assert season["verdict"] == series

    favourite = household[CASES["favourite series"]]
    assert isinstance(favourite, Series)
    for one in (favourite, favourite.episodes[0]):
        assert (await ask(hass, one.id))["verdict"]["rule"] == "favorite"

    # One episode that is kept holds the series, and with it the others.
    first, second = show.episodes[:2]
    key = MediaKey((await ask(hass, first.id))["item"]["key"])
    await hass.async_add_executor_job(
        ruled.runtime_data.keeper.ledger.keep, Keep(key=key, kept_at=dt_util.utcnow())
    )
    for one in (show, first, second):
        verdict = (await ask(hass, one.id))["verdict"]
        assert (verdict["outcome"], verdict["rule"]) == ("keep", "keep"), one.name


async def test_an_episode_rule(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """Single episodes have a chain of their own."""
    await call(
        hass,
        "import_rules",
        yaml="advanced_rules: [{name: TV, type: episode, max_episodes: 5, "
        "require_watched: true}]",
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    show = household[CASES["one episode left"]]
    assert isinstance(show, Series)
    verdict = (await ask(hass, show.episodes[0].id))["verdict"]
    assert (verdict["outcome"], verdict["rule"]) == ("delete", "TV")
    verdict = (await ask(hass, show.episodes[-1].id))["verdict"]
    assert (verdict["outcome"], verdict["rule"]) == ("keep", "TV")
    assert "one of the 5 newest" in verdict["reason"]


async def test_scheduled_by_hand(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """A day that somebody has chosen counts, and is said."""
    film = household[CASES["never watched"]]
    key = MediaKey((await ask(hass, film.id))["item"]["key"])
    at = dt_util.utcnow().replace(microsecond=0) + timedelta(days=20)
    await hass.async_add_executor_job(
        ruled.runtime_data.keeper.ledger.schedule_manually, key, at
    )
    result = await ask(hass, film.id)
    assert result["verdict"]["outcome"] == "delete"
    assert result["verdict"]["rule"] == "Scheduled manually"
    assert datetime.fromisoformat(result["verdict"]["due_at"]) == at
    assert result["trace"][-1]["type"] == "manual"


async def test_agrees_with_the_plan(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """For every title, explanation and plan say the same."""
    plan = await call(hass, "evaluate_rules", include_kept=True)
    pending = {row["item_id"]: row for row in plan["pending"]}
    kept = {row["item_id"]: row for row in plan["kept"]}
    assert pending.keys() & kept.keys() == set()
    for item_id, row in pending.items():
        verdict = (await ask(hass, item_id))["verdict"]
        assert verdict["outcome"] == "delete", row["title"]
        assert verdict["due_at"] == row["due_at"]
        assert (verdict["rule"], verdict["reason"]) == (row["rule"], row["reason"])
    for item_id, row in kept.items():
        verdict = (await ask(hass, item_id))["verdict"]
        assert verdict["outcome"] == "keep", row["title"]
        assert verdict["rule"] == row["kept_by"], row["title"]


async def test_what_fits_into_no_day(
    hass: HomeAssistant,
    ruled: MockConfigEntry,
    household: Household,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What every run would skip says what would settle it, once it is ready."""
    film = household[CASES["watched 9 days ago"]]
    await choose(hass, ruled, max_gigabytes=0.1)
    verdict = (await ask(hass, film.id))["verdict"]
    assert verdict["would_change_code"] == "playing_keeps_it"
    await pass_time(hass, freezer, timedelta(days=4))
    verdict = (await ask(hass, film.id))["verdict"]
    assert verdict["outcome"] == "delete"
    assert verdict["would_change_code"] == "too_large"
    assert verdict["would_change"] == (
        "It is larger than the limit of 0.1 GB in 24 hours. Increase Maximum gigabytes"
        " per day in the options, or delete it yourself."
    )
    await choose(hass, ruled)
    verdict = (await ask(hass, film.id))["verdict"]
    assert verdict["would_change_code"] == "playing_keeps_it"


async def test_another_copy_stays(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """Copies of one title stand or fall together."""
    films = []
    for number, tags in ((1, ["keep"]), (2, [])):
        film = household.add_movie(
            "Twice",
            year=2000,
            library="Movies",
            path=f"/media/movies/Twice {number}/Twice.mkv",
            provider_ids={"Tmdb": "4711"},
            added=dt_util.utcnow() - timedelta(days=100),
            tags=tags,
        )
        films.append(film)
    household.scan()
    await call(hass, "sync", full=True)
    for film in films:
        household.play(next(iter(household.users)), film, 0.99)
    await call(
        hass,
        "import_rules",
        yaml="advanced_rules: [{name: Keep, type: tag, tag: keep, retention: never}]",
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await call(hass, "sync", full=True)
    result = await ask(hass, film.id)
    assert result["verdict"]["outcome"] == "keep"
    assert "Another copy" in result["verdict"]["reason"]
    assert result["trace"][-1]["type"] == "copy"


async def test_a_title_that_the_plan_does_not_have_yet(
    hass: HomeAssistant, ruled: MockConfigEntry, household: Household
) -> None:
    """It says when the retention ends until the plan is made anew."""
    film = household[CASES["watched 9 days ago"]]
    coordinator = ruled.runtime_data
    key = MediaKey((await ask(hass, film.id))["item"]["key"])
    keep = Keep(key=key, kept_at=dt_util.utcnow())
    await hass.async_add_executor_job(coordinator.keeper.ledger.keep, keep)
    await coordinator.async_asked(coordinator.keeper.evaluate())
    await hass.async_add_executor_job(coordinator.keeper.ledger.unkeep, key)
    verdict = (await ask(hass, film.id))["verdict"]
    assert verdict["outcome"] == "delete"
    assert datetime.fromisoformat(verdict["due_at"]) < dt_util.utcnow()


@pytest.mark.usefixtures("ruled")
@pytest.mark.parametrize("item_id", ["f" * 32, "movie:tmdb:1", "nonsense"])
async def test_unknown(hass: HomeAssistant, item_id: str) -> None:
    """One clear error with what was asked for."""
    with pytest.raises(ServiceValidationError, match=item_id) as caught:
        await ask(hass, item_id)
    assert caught.value.translation_key == "unknown_item"


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Nothing is known, and that is what it says."""
    entry.add_to_hass(hass)
    jellyfin.faults.append(Fault(FaultKind.HTML, path="^/Items$"))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    with pytest.raises(HomeAssistantError) as caught:
        await ask(hass, "f" * 32)
    assert caught.value.translation_key == "never_synced"
    coordinator = entry.runtime_data
    assert (
        await coordinator.async_asked(
            coordinator.keeper.preview(coordinator.settings.rules)
        )
        is None
    )


async def test_the_ledger_does_not_answer(
    hass: HomeAssistant, ruled: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is said as everywhere."""

    def fails(*_: object) -> None:
        raise LedgerError("disk I/O error")

    monkeypatch.setattr(ruled.runtime_data.keeper.ledger, "meant", fails)
    with pytest.raises(HomeAssistantError, match="disk I/O error"):
        await ask(hass, "f" * 32)
