"""Home Assistant's quality scale: what we claim, held against the tree as it is.

Each rule that is called done has a check in ``CHECKS``, a section of the docs in
``SECTIONS``, or tests that would fail without it in ``TESTS``. A rule that has none of
them cannot be claimed.
"""

import ast
from collections.abc import Callable, Iterator
import json
from pathlib import Path
import re
import tomllib
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.oxicleanarr import PLATFORMS
from custom_components.oxicleanarr.flows.options import options_schema
from custom_components.oxicleanarr.settings import Settings

from .conftest import set_up

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components" / "oxicleanarr"
RULES: dict[str, Any] = load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))["rules"]
STATUS = {
    name: rule["status"] if isinstance(rule, dict) else rule
    for name, rule in RULES.items()
}
MANIFEST = json.loads((PACKAGE / "manifest.json").read_text())
TEXTS = json.loads((PACKAGE / "translations" / "en.json").read_text())
SOURCES = {
    str(path.relative_to(PACKAGE)): path.read_text() for path in PACKAGE.rglob("*.py")
}

SECTIONS: Final = {
    "docs-high-level-description": "README.md#OxiCleanarr for Home Assistant",
    "docs-installation-instructions": "docs/installation.md#Marketplace (HACS)",
    "docs-removal-instructions": "docs/installation.md#Removal",
    "docs-configuration-parameters": "docs/configuration.md#Options",
    "docs-installation-parameters": "docs/configuration.md#The forms",
    "docs-data-update": "docs/configuration.md#How data is updated",
    "docs-examples": "docs/automations.md#Examples",
    "docs-known-limitations": "docs/troubleshooting.md#Known limitations",
    "docs-supported-devices": "docs/installation.md#Supported versions",
    "docs-supported-functions": "docs/entities.md#Entities",
    "docs-troubleshooting": "docs/troubleshooting.md#Connection failures",
    "docs-use-cases": "README.md#OxiCleanarr for Home Assistant",
    "docs-actions": "docs/actions.md#Overview",
    "docs-conditions": "docs/automations.md#Triggers and conditions",
    "docs-triggers": "docs/automations.md#Triggers and conditions",
}

TESTS: Final = {
    "action-exceptions": [
        "test_services.py::test_deleting_needs_servers_that_answer",
        "test_services.py::test_unknown_names_are_said",
        "test_services.py::test_one_thing_at_a_time",
        "test_access.py::test_actions_for_admins",
    ],
    "config-entry-unloading": [
        "test_lifetime.py::test_nothing_lingers_after_unloading",
        "test_init.py::test_unloading_gives_a_sync_up",
    ],
    "diagnostics": [
        "test_diagnostics.py::test_figures",
        "test_diagnostics.py::test_nothing_private",
    ],
    "dynamic-devices": [
        "test_sensor.py::test_users_come_and_go",
        "test_sensor.py::test_libraries_come_and_go",
        "test_rules.py::test_life_of_a_rule",
        "flows/test_arrs.py::test_connecting",
    ],
    "log-when-unavailable": [
        "test_init.py::test_an_outage_is_logged_once_and_ends_by_itself"
    ],
    "reauthentication-flow": [
        "flows/test_servers.py::test_reauth",
        "flows/test_arrs.py::test_reauth",
        "test_init.py::test_a_key_that_is_revoked_later_asks_for_a_new_one",
    ],
    "reconfiguration-flow": [
        "flows/test_servers.py::test_reconfigure_jellyfin",
        "flows/test_servers.py::test_reconfigure_jellystat",
        "flows/test_arrs.py::test_reconfigure",
    ],
    "stale-devices": [
        "test_sensor.py::test_users_come_and_go",
        "test_rules.py::test_switch_and_device_of_a_rule",
        "flows/test_arrs.py::test_removing",
    ],
    "test-before-configure": [
        "flows/test_servers.py::test_servers_are_down",
        "flows/test_servers.py::test_wrong_keys",
    ],
    "test-before-setup": [
        "test_init.py::test_a_server_that_is_down_at_start_is_tried_again",
        "test_init.py::test_a_refused_key_at_start_asks_for_a_new_one",
    ],
    "unique-config-entry": [
        "flows/test_servers.py::test_already_configured",
        "flows/test_servers.py::test_reconfigure_to_another_jellyfin",
    ],
    # What is registered, and how, of every entity there is.
    "entity-translations": ["test_repository.py::test_entities"],
    "entity-unique-id": ["test_repository.py::test_entities"],
    "has-entity-name": ["test_repository.py::test_entities"],
    "icon-translations": [
        "test_repository.py::test_entities",
        "test_repository.py::test_icons",
        "test_repository.py::test_actions",
    ],
    "exception-translations": ["test_repository.py::test_exceptions"],
}


def section(place: str) -> str:
    """Return a section of a page, up to the next heading of its level."""
    page, _, heading = place.partition("#")
    text = (ROOT / page).read_text()
    found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert found is not None, place
    level = max(len(found[1]), 2)
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: end.start() if end else None]


def calls(source: str) -> Iterator[ast.Call]:
    """Yield all calls in a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node


def called(source: str) -> set[str]:
    """Return the names of all that a module calls."""
    return {ast.unparse(one.func) for one in calls(source)}


def function(module: str, name: str) -> str:
    """Return the source of a function of a module."""
    (found,) = [
        node
        for node in ast.walk(ast.parse(SOURCES[module]))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == name
    ]
    return ast.unparse(found)


def check_action_setup() -> None:
    """Actions are registered once for all entries."""
    assert "async_setup_services" in called(function("__init__.py", "async_setup"))
    assert "async_setup_services" not in function("__init__.py", "async_setup_entry")
    registering = {
        module
        for module, source in SOURCES.items()
        if any(name.endswith("services.async_register") for name in called(source))
    }
    assert registering == {"services.py"}


def check_appropriate_polling() -> None:
    """It asks every quarter of an hour, and every minute at most."""
    assert Settings.from_options({}).poll_interval.total_seconds() == 15 * 60
    fields = options_schema([])({"safety": {}, "automatic": {}, "intervals": {}})
    assert fields["intervals"]["poll_interval"] == 15
    assert "update_interval=self.settings.poll_interval" in SOURCES["coordinator.py"]


def check_brands() -> None:
    """The icon comes with it."""
    assert (PACKAGE / "brand" / "icon.png").stat().st_size


def check_common_modules() -> None:
    """The coordinator and the base of the entities are where one looks for them."""
    assert "DataUpdateCoordinator[" in SOURCES["coordinator.py"]
    assert "CoordinatorEntity[" in SOURCES["entity.py"]


def check_config_flow() -> None:
    """It is set up in forms, and their fields say what they are for."""
    assert MANIFEST["config_flow"] is True
    for step in TEXTS["config"]["step"].values():
        described = step.get("data_description", {}).keys()
        # A unit needs no description.
        named = {one for one in step.get("data", {}) if not one.endswith("_unit")}
        assert named == described, step.get("title")


def check_config_flow_test_coverage() -> None:
    """Every step and every fault of the forms is named in their tests."""
    tests = "\n".join(path.read_text() for path in (ROOT / "tests/flows").glob("*.py"))
    config = TEXTS["config"]
    for key in (*config["step"], *config["error"], *config["abort"]):
        # Tests that are the same for both servers put the name in.
        whole = key.replace("jellyfin", "{server}").replace("jellystat", "{server}")
        assert re.search(rf"\b{key}\b", tests) or f'"{whole}"' in tests, key


def check_dependency_transparency() -> None:
    """There is nothing that would have to be published."""
    assert MANIFEST["requirements"] == []


def check_entity_event_setup() -> None:
    """Entities listen once they are added, and stop when they are removed."""
    for module in [*(f"{one}.py" for one in PLATFORMS), "entity.py"]:
        for node in ast.walk(ast.parse(SOURCES[module])):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                listening = {
                    ast.unparse(one)
                    for one in calls(ast.unparse(node))
                    if ast.unparse(one.func).endswith((".listen", "async_add_listener"))
                }
                text = ast.unparse(node)
                for one in listening:
                    assert node.name in {"async_added_to_hass", "async_setup_entry"}
                    assert f"async_on_remove({one})" in text or (
                        f"async_on_unload({one})" in text
                    ), f"{module}: {one}"


def check_runtime_data() -> None:
    """What belongs to an entry is kept with it."""
    assert "entry.runtime_data = coordinator" in SOURCES["__init__.py"]
    for module, source in SOURCES.items():
        assert "hass.data[DOMAIN]" not in source, module


def check_integration_owner() -> None:
    """It has one as soon as it is published, and says so, and not before."""
    assert (STATUS["integration-owner"] == "done") == bool(MANIFEST["codeowners"])


def check_parallel_updates() -> None:
    """Every platform says so."""
    for platform in PLATFORMS:
        assert re.search(
            r"^PARALLEL_UPDATES = \d$", SOURCES[f"{platform}.py"], re.MULTILINE
        )


def check_test_coverage() -> None:
    """It is asked for, with all that may be left out of it."""
    script = (ROOT / "scripts" / "test").read_text()
    assert "--cov-fail-under=95" in script
    coverage = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]
    assert coverage["run"] == {
        "source": ["custom_components/oxicleanarr"],
        "branch": True,
    }


def check_devices() -> None:
    """All that has entities has a device: the server, each rule, each connection."""
    for name in ("service_device", "rule_device", "connection_device"):
        for key in ("identifiers", "manufacturer", "model"):
            assert f"'{key}'" in function("entity.py", name)


def check_repair_issues() -> None:
    """Each says what to do, or does it."""
    for name, issue in TEXTS["issues"].items():
        assert issue["title"], name
        assert "description" in issue or issue["fix_flow"]["step"], name


def check_async_dependency() -> None:
    """Nothing waits for a network in the event loop."""
    for module, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert not {"requests", "http.client", "urllib.request"}.intersection(
                names
            ), module


def check_inject_websession() -> None:
    """Home Assistant's own session is used, and no other is made."""
    for module, source in SOURCES.items():
        assert not any(
            one.endswith(("ClientSession", "async_create_clientsession"))
            for one in called(source)
        ), module
    assert "async_get_clientsession" in called(SOURCES["connections.py"])


def check_strict_typing() -> None:
    """All of it is checked."""
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert mypy["strict"] is True
    assert "custom_components" in mypy["files"]
    for override in mypy["overrides"]:
        assert "oxicleanarr" not in str(override["module"]), override


CHECKS: Final[dict[str, Callable[[], None]]] = {
    "action-setup": check_action_setup,
    "appropriate-polling": check_appropriate_polling,
    "async-dependency": check_async_dependency,
    "brands": check_brands,
    "common-modules": check_common_modules,
    "config-flow": check_config_flow,
    "config-flow-test-coverage": check_config_flow_test_coverage,
    "dependency-transparency": check_dependency_transparency,
    "devices": check_devices,
    "entity-event-setup": check_entity_event_setup,
    "inject-websession": check_inject_websession,
    "integration-owner": check_integration_owner,
    "parallel-updates": check_parallel_updates,
    "repair-issues": check_repair_issues,
    "runtime-data": check_runtime_data,
    "strict-typing": check_strict_typing,
    "test-coverage": check_test_coverage,
}
ALL_ENTITIES = ("entity-category", "entity-device-class", "entity-disabled-by-default")
"""These are looked at together, in Home Assistant."""


def test_nothing_is_claimed_unseen() -> None:
    """Every rule that is done is seen to be; what is not, is not claimed."""
    done = {name for name, status in STATUS.items() if status == "done"}
    seen = {*CHECKS, *SECTIONS, *TESTS, *ALL_ENTITIES}
    # This one is done with the command that publishes it all.
    assert done | {"integration-owner"} == seen


@pytest.mark.parametrize("rule", CHECKS)
def test_checks(rule: str) -> None:
    """What a program can see."""
    CHECKS[rule]()


@pytest.mark.parametrize("rule", TESTS)
def test_tests(rule: str) -> None:
    """The tests that hold a rule are there."""
    for name in TESTS[rule]:
        file, _, test = name.partition("::")
        source = (ROOT / "tests" / file).read_text()
        assert re.search(rf"^(async )?def {test}\(", source, re.MULTILINE), name


@pytest.mark.parametrize("rule", SECTIONS)
def test_sections(rule: str) -> None:
    """What has to be documented has a section that says something."""
    assert len(section(SECTIONS[rule]).split()) > 40


@pytest.mark.usefixtures("socket_enabled")
async def test_entities(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    """What is of little interest is off, what is about us is diagnostic; classes fit."""
    await set_up(hass, entry_with_arrs)
    entities = er.async_entries_for_config_entry(
        entity_registry, entry_with_arrs.entry_id
    )
    assert {one.platform for one in entities} == {"oxicleanarr"}
    assert all(one.device_id for one in entities)
    disabled = {one.translation_key for one in entities if one.disabled_by}
    assert disabled == {"watched", "watched_share", "delete_due"}
    diagnostic = {one.translation_key for one in entities if one.entity_category}
    assert {"last_sync", "watch_events"} <= diagnostic
    assert "deletion_blocked" not in diagnostic
    for one in entities:
        if one.unit_of_measurement in {"B", "GB"}:
            assert one.original_device_class == "data_size"
        if one.translation_key in {"last_sync", "next_deletion"}:
            assert one.original_device_class == "timestamp"
        if one.domain == "binary_sensor":
            assert one.original_device_class in {"connectivity", "problem"}
