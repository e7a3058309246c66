"""Choosing what is managed, what is kept for how long, and within which limits."""

from datetime import time
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr.settings import Settings
from simulators import FaultKind, Household, JellyfinSimulator
from tests.conftest import connection

from .forms import shown

pytestmark = pytest.mark.usefixtures("no_waiting")

DEFAULTS = {
    "approval": False,
    "movie_retention": "90d",
    "tv_retention": "120d",
    "retention_base": "last_watched",
    "unwatched_behavior": "never",
    "leaving_soon_days": 14,
    "leaving_soon_collection": False,
    "grace_days": 3,
    "max_items": 25,
    "favorites_keep": True,
    "import_exclusion": True,
    "seerr_cleanup": False,
    "poll_interval": 15,
    "full_sync_interval": 6,
}
EMPTY: dict[str, Any] = {"safety": {}, "automatic": {}, "intervals": {}}


def library_names(flow: ConfigFlowResult) -> dict[str, str]:
    """Return the libraries that a form offers, by name."""
    assert flow["data_schema"] is not None
    selector = flow["data_schema"].schema["libraries"]
    return {option["label"]: option["value"] for option in selector.config["options"]}


async def open_settings(
    hass: HomeAssistant, entry: MockConfigEntry
) -> ConfigFlowResult:
    """Choose the settings in the menu of the options."""
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    assert flow["type"] is FlowResultType.MENU
    assert flow["menu_options"] == ["settings", "import_rules"]
    return await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "settings"}
    )


async def choose(
    hass: HomeAssistant, entry: MockConfigEntry, **typed: Any
) -> ConfigFlowResult:
    """Fill in the options and send them."""
    flow = await open_settings(hass, entry)
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], EMPTY | typed
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return flow


async def test_defaults(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """The form shows what is in force, and sent as it is it changes nothing."""
    before = setup_integration.runtime_data.settings
    flow = await open_settings(hass, setup_integration)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "settings"
    libraries = library_names(flow)
    assert list(libraries) == ["Movies", "Shows"]
    assert shown(flow["data_schema"]) == {
        "libraries": list(libraries.values()),
        "movie_retention": 90,
        "movie_retention_unit": "d",
        "tv_retention": 120,
        "tv_retention_unit": "d",
        "retention_base": "last_watched",
        "unwatched_behavior": "never",
        "unwatched_retention_unit": "d",
        "leaving_soon_days": 14,
        "leaving_soon_collection": False,
        "safety": {
            "grace_days": 3,
            "max_items": 25,
            "approval": False,
            "favorites_keep": True,
            "import_exclusion": True,
            "seerr_cleanup": False,
        },
        "automatic": {},
        "intervals": {"poll_interval": 15, "full_sync_interval": 6},
    }
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], EMPTY)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    # All libraries means those of the future too, so none is named.
    assert setup_integration.options == DEFAULTS
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setup_integration.runtime_data.settings == before


async def test_everything(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """Every option is stored, is in force at once, and is shown the next time."""
    coordinator = setup_integration.runtime_data
    flow = await open_settings(hass, setup_integration)
    shows = library_names(flow)["Shows"]
    typed: dict[str, Any] = {
        "libraries": [shows],
        "movie_retention": 7.0,
        "movie_retention_unit": "d",
        "tv_retention_unit": "never",
        "retention_base": "last_watched_or_added",
        "unwatched_behavior": "added",
        "unwatched_retention": 52.0,
        "unwatched_retention_unit": "w",
        "leaving_soon_days": 30.0,
        "leaving_soon_collection": True,
        "history_days": 400.0,
        "safety": {
            "grace_days": 1.0,
            "max_items": 5.0,
            "max_gigabytes": 1.5,
            "approval": True,
            "favorites_keep": False,
            "import_exclusion": False,
            "seerr_cleanup": True,
        },
        "automatic": {},
        "intervals": {"poll_interval": 30.0, "full_sync_interval": 12.0},
    }
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], typed)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    options = setup_integration.options
    assert options == {
        "libraries": [shows],
        "movie_retention": "7d",
        "tv_retention": "never",
        "retention_base": "last_watched_or_added",
        "unwatched_behavior": "added",
        "unwatched_retention": "52w",
        "leaving_soon_days": 30,
        "leaving_soon_collection": True,
        "history_days": 400,
        "grace_days": 1,
        "max_items": 5,
        "max_gigabytes": 1.5,
        "approval": True,
        "favorites_keep": False,
        "import_exclusion": False,
        "seerr_cleanup": True,
        "poll_interval": 30,
        "full_sync_interval": 12,
    }
    assert all(
        isinstance(options[key], int) for key in ("grace_days", "full_sync_interval")
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    # Nothing was torn down for it.
    assert setup_integration.runtime_data is coordinator
    assert coordinator.settings == Settings.from_entry(setup_integration)
    assert coordinator.data.plan is not None
    assert coordinator.data.plan.statistics.movies == 0

    flow = await open_settings(hass, setup_integration)
    assert shown(flow["data_schema"]) == typed | {"tv_retention": 120}


async def test_optional_values_are_cleared(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What is emptied is gone, and what has a switch of its own stays."""
    hass.config_entries.async_update_entry(
        setup_integration,
        options={
            "max_gigabytes": 100,
            "unwatched_retention": "365d",
            "dry_run": False,
            "automatic_deletion": True,
        },
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await choose(hass, setup_integration, unwatched_retention_unit="d")
    assert setup_integration.options == {
        **DEFAULTS,
        "dry_run": False,
        "automatic_deletion": True,
    }


@pytest.mark.parametrize("value", [-7.0, 1.5, 40_000.0])
async def test_wrong_durations(
    hass: HomeAssistant, setup_integration: MockConfigEntry, value: float
) -> None:
    """Every wrong duration is named on its own field, and nothing is stored."""
    typed = {
        "movie_retention": value,
        "tv_retention": value,
        "unwatched_retention": value,
        "leaving_soon_days": 3,
        "safety": {"max_items": 7},
        "automatic": {},
        "intervals": {"poll_interval": 45},
    }
    flow = await choose(hass, setup_integration, **typed)
    assert flow["type"] is FlowResultType.FORM
    assert flow["errors"] == {
        key: f"{key}_range"
        for key in ("movie_retention", "tv_retention", "unwatched_retention")
    }
    assert not setup_integration.options
    kept = shown(flow["data_schema"])
    assert kept["movie_retention"] == value
    assert kept["leaving_soon_days"] == 3
    assert kept["safety"]["max_items"] == 7
    assert kept["intervals"]["poll_interval"] == 45

    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"],
        typed
        | {
            "movie_retention": 0,
            "tv_retention": 36,
            "tv_retention_unit": "h",
            "unwatched_retention_unit": "never",
        },
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)
    options = setup_integration.options
    assert options["movie_retention"] == "0d"
    assert options["tv_retention"] == "36h"
    assert options["unwatched_retention"] == "never"


async def test_numbers_out_of_range(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What is allowed is said at the field, or at the section that it is in."""
    wrong = {
        "leaving_soon_days": 0,
        "unwatched_retention": 0,
        "safety": {"grace_days": 0},
        "automatic": {"disk_threshold": -1},
        "intervals": {"full_sync_interval": 24},
    }
    flow = await choose(hass, setup_integration, **wrong)
    assert flow["errors"] == {
        "leaving_soon_days": "leaving_soon_days_range",
        "unwatched_retention": "unwatched_retention_range",
        "safety": "grace_days_range",
        "automatic": "disk_threshold_range",
        "intervals": "full_sync_interval_range",
        "base": "disk_incomplete",
    }
    assert shown(flow["data_schema"])["safety"]["grace_days"] == 0
    for key, value in (
        ("max_items", 10_001),
        ("max_items", 2.5),
        ("max_gigabytes", 0),
        ("grace_days", float("nan")),
    ):
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], EMPTY | {"safety": {key: value}}
        )
        assert flow["errors"] == {"safety": f"{key}_range"}
    assert not setup_integration.options
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], EMPTY)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_no_library(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """To manage nothing is no choice."""
    flow = await choose(hass, setup_integration, libraries=[])
    assert flow["errors"] == {"libraries": "no_library"}
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], EMPTY | {"libraries": [library_names(flow)["Movies"]]}
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_library_that_is_gone(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """A library that Jellyfin has no more is not offered, and not stored again."""
    flow = await open_settings(hass, setup_integration)
    movies = library_names(flow)["Movies"]
    hass.config_entries.async_update_entry(
        setup_integration, options={"libraries": [movies, "0" * 32]}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    flow = await open_settings(hass, setup_integration)
    assert shown(flow["data_schema"])["libraries"] == [movies]


async def test_before_the_first_sync(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """Nothing is known yet, so Jellyfin is asked for its libraries."""
    entry.add_to_hass(hass)
    flow = await open_settings(hass, entry)
    assert list(library_names(flow)) == ["Movies", "Shows"]
    assert jellyfin.requested("/Library/VirtualFolders")


async def test_jellyfin_is_away(
    hass: HomeAssistant, entry: MockConfigEntry, jellyfin: JellyfinSimulator
) -> None:
    """The rest can be changed while nobody knows the libraries; they stay chosen."""
    jellyfin.fail(FaultKind.DISCONNECT)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"libraries": ["1" * 32]})
    flow = await open_settings(hass, entry)
    assert "libraries" not in shown(flow["data_schema"])
    flow = await hass.config_entries.options.async_configure(
        flow["flow_id"], EMPTY | {"movie_retention": 30}
    )
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {
        **DEFAULTS,
        "movie_retention": "30d",
        "libraries": ["1" * 32],
    }


async def test_new_library_is_managed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    household: Household,
    jellyfin: JellyfinSimulator,
) -> None:
    """Whoever has chosen all libraries has chosen those of the future."""
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={"jellyfin": connection(jellyfin), "jellystat": None}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await choose(hass, entry)
    household.add_library("Documentaries", "movies", ["/media/documentaries"])
    await entry.runtime_data.async_asked(entry.runtime_data.keeper.sync(full=True))
    flow = await open_settings(hass, entry)
    libraries = library_names(flow)
    assert "Documentaries" in libraries
    assert shown(flow["data_schema"])["libraries"] == list(libraries.values())


async def test_automatic_deletion_has_conditions(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """They are stored, are in force, are shown again, and can be cleared."""
    conditions = {
        "window_start": "23:00:00",
        "window_end": "05:00:00",
        "only_while": "binary_sensor.nobody",
        "disk_entity": "sensor.disk",
        "disk_threshold": 100.0,
        "disk_target": 200.0,
    }
    flow = await choose(hass, setup_integration, automatic=conditions)
    assert flow["type"] is FlowResultType.CREATE_ENTRY
    assert setup_integration.options == DEFAULTS | conditions
    settings: Settings = setup_integration.runtime_data.settings
    assert settings.window == (time(23), time(5))
    assert settings.only_while == "binary_sensor.nobody"
    assert settings.disk is not None
    flow = await open_settings(hass, setup_integration)
    assert shown(flow["data_schema"])["automatic"] == conditions
    await choose(hass, setup_integration)
    assert setup_integration.options == DEFAULTS


@pytest.mark.parametrize(
    ("conditions", "error"),
    [
        ({"window_start": "23:00:00"}, "window_incomplete"),
        ({"disk_entity": "sensor.disk"}, "disk_incomplete"),
        ({"disk_threshold": 5.0}, "disk_incomplete"),
        (
            {"disk_entity": "sensor.d", "disk_threshold": 5.0, "disk_target": 4.0},
            "disk_target_below_threshold",
        ),
    ],
)
async def test_half_conditions(
    hass: HomeAssistant,
    setup_integration: MockConfigEntry,
    conditions: dict[str, Any],
    error: str,
) -> None:
    """What is not whole is not stored."""
    flow = await choose(hass, setup_integration, automatic=conditions)
    assert flow["errors"] == {"base": error}
    assert not setup_integration.options
