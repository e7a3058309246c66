"""What Home Assistant's and the marketplace's own checks ask of a repository, offline."""

import ast
from collections.abc import Collection, Iterator, Mapping
import json
import os
from pathlib import Path
import re
import string
import subprocess
import tomllib
from typing import Any, cast

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.components.brands.const import ALLOWED_IMAGES
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import entity_registry as er, selector, service
from homeassistant.helpers.selector import NumberSelector
from homeassistant.helpers.translation import async_get_translations
from homeassistant.loader import Integration
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components
from custom_components.oxicleanarr import config_flow, flows
from custom_components.oxicleanarr.cleanup import Suspicion
from custom_components.oxicleanarr.condition import CONDITIONS
from custom_components.oxicleanarr.connections import SERVER_KINDS
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.errors import translate
from custom_components.oxicleanarr.flows import (
    arrs,
    connection,
    import_rules,
    options,
    rule_forms,
    rules,
    servers,
)
from custom_components.oxicleanarr.flows.fields import every_field
from custom_components.oxicleanarr.household import (
    BlockedError,
    BusyError,
    ClosingError,
    FindingChangedError,
    KeptByAnotherError,
    NotBroughtBackError,
    NotPlannedError,
    SyncFailedError,
)
from custom_components.oxicleanarr.ledger import (
    LedgerDamaged,
    LedgerError,
    LedgerTooNew,
)
from custom_components.oxicleanarr.model import Library
from custom_components.oxicleanarr.retention import NEVER, TagRule, UserEntry, UserRule
from custom_components.oxicleanarr.rules import new_subentry
from custom_components.oxicleanarr.servers import (
    AuthenticationFailed,
    BadAnswer,
    Conflict,
    NotFound,
    PermissionDenied,
    ServerError,
    Unavailable,
)
from custom_components.oxicleanarr.trigger import TRIGGERS
from custom_components.oxicleanarr.words import ENGLISH

from .conftest import set_up

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components" / DOMAIN
FLOWS = PACKAGE / "flows"
SLUG = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
RULES = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry
    """,
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner
        log-when-unavailable parallel-updates reauthentication-flow test-coverage
    """,
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices
    """,
    "platinum": "async-dependency inject-websession strict-typing",
}


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file."""
    return cast("dict[str, Any]", json.loads(path.read_text()))


MANIFEST = read_json(PACKAGE / "manifest.json")
TEXTS = read_json(PACKAGE / "translations" / "en.json")
ICONS = read_json(PACKAGE / "icons.json")
SERVICES = load_yaml_dict(str(PACKAGE / "services.yaml"))


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield every text with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield ".".join(path), value


def keys(value: Any) -> Iterator[str]:
    """Yield every key of nested mappings."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from keys(inner)


def placeholders(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


# --- manifest, brand, marketplace ---------------------------------------------------


async def test_integration_loads(hass: HomeAssistant) -> None:
    """Home Assistant's own loader takes the manifest."""
    integration = Integration.resolve_from_root(hass, custom_components, DOMAIN)
    assert integration is not None
    assert integration.domain == DOMAIN
    assert integration.config_flow
    assert integration.integration_type == "service"
    assert integration.iot_class == "local_polling"
    assert integration.requirements == []


def test_manifest() -> None:
    """Only known keys, in the order that is asked for."""
    assert list(MANIFEST) == [
        "domain",
        "name",
        *sorted(MANIFEST.keys() - {"domain", "name"}),
    ]
    assert MANIFEST.keys() <= {
        "domain",
        "name",
        "after_dependencies",
        "codeowners",
        "config_flow",
        "dependencies",
        "documentation",
        "import_executor",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "loggers",
        "requirements",
        "single_config_entry",
        "version",
    }
    assert MANIFEST["domain"] == PACKAGE.name
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert MANIFEST[key].startswith("https://")
    AwesomeVersion(
        MANIFEST["version"],
        ensure_strategy=[AwesomeVersionStrategy.CALVER, AwesomeVersionStrategy.SEMVER],
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert MANIFEST["version"] == project["version"]


def test_marketplace() -> None:
    """The marketplace refuses keys that it does not know."""
    hacs = read_json(ROOT / "hacs.json")
    assert hacs["name"] == MANIFEST["name"]
    assert hacs.keys() <= {
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "name",
        "persistent_directory",
        "render_readme",
        "zip_release",
    }
    AwesomeVersion(hacs["homeassistant"], ensure_strategy=AwesomeVersionStrategy.CALVER)
    folders = (ROOT / "custom_components").glob("*/manifest.json")
    assert [path.parent for path in folders] == [PACKAGE]


def test_brand() -> None:
    """The icons have the names and sizes that are served, on nothing."""
    images = {path.name: path for path in (PACKAGE / "brand").iterdir()}
    assert {"icon.png", "icon@2x.png"} <= images.keys() <= ALLOWED_IMAGES
    for name, size in (("icon.png", 256), ("icon@2x.png", 512)):
        with Image.open(images[name]) as image:
            assert image.size == (size, size)
            assert image.mode == "RGBA"
            assert image.getpixel((0, 0)) == (0, 0, 0, 0)


def test_quality_scale() -> None:
    """Each of the 54 rules has a status, and an exemption a reason."""
    rules = load_yaml_dict(str(PACKAGE / "quality_scale.yaml"))["rules"]
    expected = [rule for tier in RULES.values() for rule in tier.split()]
    assert len(expected) == 54
    assert list(rules) == expected
    for rule, status in rules.items():
        if isinstance(status, dict):
            assert status.keys() == {"status", "comment"}, rule
            assert status["status"] in {"exempt", "todo", "done"}
            assert status["comment"].strip(), rule
        else:
            assert status in {"done", "todo"}, rule


def used_components(tree: ast.AST) -> Iterator[str]:
    """Yield the integrations of Home Assistant that a module imports."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="homeassistant.components"):
                yield from (one.name for one in node.names)
            case ast.ImportFrom(module=str(module)) if module.startswith(
                "homeassistant.components."
            ):
                yield module.split(".")[2]
            case ast.Import():
                for one in node.names:
                    if one.name.startswith("homeassistant.components."):
                        yield one.name.split(".")[2]


def test_dependencies() -> None:
    """Whatever is imported is loaded before, or is what asks for the module."""
    named = {*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]}
    # What every Home Assistant has.
    always = {*map(str, Platform), "homeassistant", "persistent_notification"}
    used = set()
    for path in PACKAGE.rglob("*.py"):
        for component in used_components(ast.parse(path.read_text())):
            used.add(component)
            assert component in named | always | {path.stem}, f"{component} in {path}"
    assert named <= used | {"frontend", "http"}


def test_set_up_from_yaml_is_refused() -> None:
    """An integration with a set-up says what it takes from the configuration."""
    names = {
        target.id
        for node in ast.parse((PACKAGE / "__init__.py").read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "CONFIG_SCHEMA" in names


# --- GitHub -------------------------------------------------------------------------


GITHUB = ROOT / ".github"
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml"))
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


@pytest.mark.parametrize(
    "path",
    [path for path in FORMS if path.name != "config.yml"],
    ids=lambda path: path.stem,
)
def test_issue_forms(path: Path) -> None:
    """GitHub takes each form: an unknown kind or a double id makes it vanish."""
    form = load_yaml_dict(str(path))
    assert form.keys() <= {"name", "description", "labels", "title", "body"}
    assert form["name"]
    assert form["description"]
    ids = set()
    for element in form["body"]:
        attributes = element["attributes"]
        if element["type"] == "markdown":
            assert attributes["value"]
            continue
        assert element["type"] in {"input", "textarea", "dropdown", "checkboxes"}
        assert attributes["label"]
        assert element["id"] not in ids
        ids.add(element["id"])
        if element["type"] == "dropdown":
            assert len(set(attributes["options"])) == len(attributes["options"])
    assert ids


def test_issue_forms_ask_for_what_helps() -> None:
    """Whoever helps sees the versions, and why the plan is as it is."""
    wanted = {
        "bug": {"version", "home-assistant", "servers", "diagnostics"},
        "wrong_decision": {"explanation", "rules", "versions"},
    }
    for name, ids in wanted.items():
        form = load_yaml_dict(str(GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml"))
        assert ids <= {element.get("id") for element in form["body"]}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows(path: Path) -> None:
    """Each may do no more than it needs, ends, and runs what is there."""
    workflow = load_yaml_dict(str(path))
    # To YAML, the key "on" is a yes.
    assert workflow.keys() >= {"name", True, "jobs"}
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), name
            if action := step.get("uses"):
                assert re.fullmatch(r"[\w-]+/[\w/-]+@(v\d+|main|master)", action)
            # What comes from outside never becomes a part of a command.
            assert "${{" not in step.get("run", ""), name
            for script in re.findall(r"scripts/[\w./]+", step.get("run", "")):
                assert os.access(ROOT / script, os.X_OK), script


def test_workflows_check_all() -> None:
    """Tests, Home Assistant's and the marketplace's checks, the cards, a release."""
    text = "\n".join(path.read_text() for path in WORKFLOWS)
    for one in (
        "run: scripts/test\n",
        "run: scripts/test --browser\n",
        "home-assistant/actions/hassfest@",
        "hacs/action@",
        "npm run build",
        "scripts/release.py zip",
        "scripts/publish.py --check",
    ):
        assert one in text, one


@pytest.mark.parametrize("name", ["demo", "lock", "mutation", "test"])
def test_scripts_explain_themselves(name: str) -> None:
    """Asked for help, a script says what it does, and does nothing else."""
    asked = [str(ROOT / "scripts" / name), "--help"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20)
    heading = (ROOT / "scripts" / name).read_text().split("\nset ")[0].splitlines()[1:]
    assert said.stdout.splitlines() == [line[1:].removeprefix(" ") for line in heading]
    assert not said.stderr


# --- modules ------------------------------------------------------------------------


def is_overload(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is only another signature of the one below it."""
    return any(ast.unparse(one) == "overload" for one in function.decorator_list)


@pytest.mark.parametrize(
    "path",
    sorted(PACKAGE.rglob("*.py")),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_functions_say_what_they_do(path: Path) -> None:
    """Every function has a docstring, the nested ones included."""
    silent = [
        f"{node.name} in line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not ast.get_docstring(node)
        and not is_overload(node)
    ]
    assert not silent


LONG = 500
"""A module of more lines says why."""
MEASURED = (
    "custom_components",
    "simulators",
    "scripts",
    "benchmarks",
    "tests/safety",
)


@pytest.mark.parametrize("folder", MEASURED)
def test_long_modules_say_why(folder: str) -> None:
    """A module is short, or its docstring gives the reason."""
    modules = {path: path.read_text() for path in (ROOT / folder).rglob("*.py")}
    assert modules
    for path, text in modules.items():
        if len(text.splitlines()) > LONG:
            words = " ".join((ast.get_docstring(ast.parse(text)) or "").split())
            assert "It is long because" in words, (
                f"{path.relative_to(ROOT)} has more than {LONG} lines: move a part of it"
                " elsewhere, or say in its docstring 'It is long because …'"
            )


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


def test_architecture_names_files() -> None:
    """Every file and folder that the map of the code names is there."""
    named = set(re.findall(r"`([\w/.]+(?:\.(?:py|md|json|yaml)|/))`", ARCHITECTURE))
    assert {"cleanup/guards.py", "sync/matching/", "tests/test_bare.py"} <= named
    for one in named - {"__init__.py"}:
        assert (PACKAGE / one).exists() or (ROOT / one).exists(), one
    drawing = ARCHITECTURE.split("```")[1]
    drawn = set(re.findall(r"[a-z_]+(?:\.py|/)(?=[ ,;…])", drawing))
    assert {"keeper.py", "cleanup/", "sensor.py"} <= drawn
    for one in drawn:
        found = [*PACKAGE.glob(one), *PACKAGE.glob(f"*/{one}"), *ROOT.glob(one)]
        assert found, one


def test_architecture_names_functions() -> None:
    """Whatever it says to look at in a file is defined there."""
    # "`one`, `two` in `file.py`": the names before a file are in that file.
    found = re.findall(r"((?:`[\w.]+`(?:, | and )?)+) in `([\w/]+\.py)`", ARCHITECTURE)
    assert len(found) > 12
    for names, path in found:
        defined = {
            node.name
            for node in ast.walk(ast.parse((PACKAGE / path).read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        for name in re.findall(r"`([\w.]+)`", names):
            assert set(name.split(".")) <= defined, f"{name} in {path}"


# --- texts --------------------------------------------------------------------------


def test_texts() -> None:
    """Texts obey the rules for translations."""
    assert TEXTS.keys() <= {
        "common",
        "conditions",
        "config",
        "config_subentries",
        "device",
        "device_automation",
        "entity",
        "entity_component",
        "exceptions",
        "issues",
        "options",
        "selector",
        "services",
        "system_health",
        "title",
        "triggers",
    }
    for path, text in leaves(TEXTS):
        assert isinstance(text, str), path
        assert text.strip() == text != "", path
        assert not re.search(r"</?[a-z]", text, re.IGNORECASE), f"HTML in {path}"
        assert not re.search(r"https?://|www\.", text), f"URL in {path}"
        assert not re.search(r"'\{[^}]*\}'", text), f"quoted placeholder in {path}"
        assert "[%key:" not in text, path
        assert all(name.isidentifier() for name in placeholders(text)), path
    assert all(SLUG.fullmatch(key) for key in keys(TEXTS))


def test_files_are_sorted() -> None:
    """Keys are in the order in which core's own tools leave them."""
    for name, content in (("translations/en.json", TEXTS), ("icons.json", ICONS)):
        in_order = json.loads(json.dumps(content, sort_keys=True))
        found, wanted = (
            [path for path, _ in leaves(one)] for one in (content, in_order)
        )
        assert found == wanted, f"{name} is not in alphabetical order"


async def test_home_assistant_reads_the_texts(hass: HomeAssistant) -> None:
    """No text is lost on the way to the frontend."""
    for category, prefix in (("config", "config"), ("exceptions", "exceptions")):
        found = await async_get_translations(hass, "en", category, {DOMAIN})
        assert {
            f"component.{DOMAIN}.{prefix}.{path}" for path, _ in leaves(TEXTS[prefix])
        } <= found.keys()


# --- actions ------------------------------------------------------------------------


async def test_actions(hass: HomeAssistant) -> None:
    """Actions and their fields are the same in code, in the form and in the texts."""
    service._SERVICES_SCHEMA(SERVICES)
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert registered.keys() == SERVICES.keys() == TEXTS["services"].keys()
    assert registered.keys() == ICONS["services"].keys()
    for name, action in registered.items():
        assert isinstance(action.schema, probatio.Schema)
        fields = {str(key) for key in action.schema.schema}
        described = SERVICES[name]["fields"]
        texts = TEXTS["services"][name]
        assert fields == described.keys() == texts["fields"].keys(), name
        assert texts["name"]
        assert texts["description"]
        for key, text in texts["fields"].items():
            assert text.keys() == {"name", "description"}, f"{name}.{key}"
        for key in action.schema.schema:
            default = key.default() if callable(key.default) else None
            assert described[str(key)].get("default") == default, f"{name}.{key}"


# --- triggers and conditions --------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "known", "icon"),
    [("triggers", TRIGGERS, "trigger"), ("conditions", CONDITIONS, "condition")],
)
def test_triggers_and_conditions(
    kind: str, known: Mapping[str, object], icon: str
) -> None:
    """They are the same in code, in the form and in the texts, and each has an icon."""
    described = load_yaml_dict(str(PACKAGE / f"{kind}.yaml"))
    described = {key: one for key, one in described.items() if key[0] != "."}
    texts = TEXTS[kind]
    assert known.keys() == described.keys() == texts.keys() == ICONS[kind].keys()
    for name, one in described.items():
        assert texts[name].keys() == {"name", "description", "fields"}
        assert one["fields"].keys() == texts[name]["fields"].keys(), name
        for key, field in texts[name]["fields"].items():
            assert field.keys() == {"name", "description"}, f"{name}.{key}"
            selector.validate_selector(one["fields"][key]["selector"])
        assert ICONS[kind][name].keys() == {icon}


# --- entities -----------------------------------------------------------------------


async def test_entities(
    hass: HomeAssistant,
    entry_with_arrs: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    """Every entity has a name and, without a device class, an icon; and no more."""
    await set_up(hass, entry_with_arrs)
    rule = TagRule(name="Quick", tag="quick-watch", retention=NEVER, approval=True)
    hass.config_entries.async_add_subentry(entry_with_arrs, new_subentry(rule))
    await hass.async_block_till_done(wait_background_tasks=True)
    found: dict[str, set[str]] = {}
    iconless: dict[str, set[str]] = {}
    # Named by its device alone.
    nameless = {"rule"}
    for entity in er.async_entries_for_config_entry(
        entity_registry, entry_with_arrs.entry_id
    ):
        assert entity.translation_key
        assert entity.has_entity_name
        assert entity.unique_id.startswith(f"{entry_with_arrs.entry_id}_")
        found.setdefault(entity.domain, set()).add(entity.translation_key)
        if not entity.original_device_class:
            iconless.setdefault(entity.domain, set()).add(entity.translation_key)
    assert nameless <= found["switch"]
    found["switch"] -= nameless
    named = {domain: set(texts) for domain, texts in TEXTS["entity"].items()}
    assert found.keys() == named.keys()
    for domain, translation_keys in found.items():
        differ = translation_keys ^ named[domain]
        assert not differ, f"entity.{domain} in en.json lacks or does not need {differ}"
    for domain, texts in TEXTS["entity"].items():
        assert all(text["name"] for text in texts.values())
        icons = ICONS["entity"].get(domain, {})
        assert icons.keys() <= texts.keys() | nameless
        missing = iconless.get(domain, set()) - icons.keys()
        assert not missing, f"entity.{domain} in icons.json lacks {missing}"


def test_icons() -> None:
    """Icons are of the one set that the frontend has."""
    assert ICONS.keys() <= {"conditions", "entity", "services", "triggers"}
    for path, icon in leaves(ICONS):
        assert re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", icon), path


# --- errors -------------------------------------------------------------------------


def raised_in_code() -> dict[str, set[str]]:
    """Return the keys of all translated errors with the placeholders they bring."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            arguments = {one.arg: one.value for one in node.keywords}
            key = arguments.get("translation_key")
            if "translation_domain" not in arguments or not isinstance(
                key, ast.Constant
            ):
                continue
            brought = arguments.get("translation_placeholders")
            names = brought.keys if isinstance(brought, ast.Dict) else []
            found[str(key.value)] = {
                str(name.value) for name in names if isinstance(name, ast.Constant)
            }
    for err in (
        AuthenticationFailed("Jellyfin", "…"),
        PermissionDenied("Jellyfin", "…"),
        PermissionDenied("Seerr", "…", reason="csrf"),
        NotFound("Jellyfin", "…"),
        BadAnswer("Jellyfin", "…"),
        BadAnswer("Radarr", "…", reason="other_server", found="Sonarr"),
        Conflict("Radarr", "…"),
        Unavailable("Jellyfin", "…"),
        Unavailable("Jellyfin", "…", timed_out=True),
        Unavailable("Jellyfin", "…", certificate=True),
        ServerError("Jellyfin", "…"),
        LedgerDamaged("…"),
        LedgerTooNew("…"),
        LedgerError("…"),
        BusyError(),
        ClosingError(),
        BlockedError([]),
        FindingChangedError(),
        KeptByAnotherError(),
        NotBroughtBackError([]),
        NotPlannedError(["…"]),
        SyncFailedError("…"),
    ):
        translated = translate(err)
        found[translated["translation_key"]] = set(
            translated["translation_placeholders"]
        )
    return found


def test_exceptions() -> None:
    """Every error that a user can see has a text, filled with what the code knows."""
    raised = raised_in_code()
    assert raised.keys() == TEXTS["exceptions"].keys()
    for key, brought in raised.items():
        assert placeholders(TEXTS["exceptions"][key]["message"]) <= brought, key


# --- flows --------------------------------------------------------------------------


def literals(path: Path) -> set[str]:
    """Return every text that stands alone in a module."""
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("flow", ["config", "options"])
def test_flow_errors(flow: str) -> None:
    """There is no text for an error that is not shown."""
    modules = (
        ("options", "import_rules")
        if flow == "options"
        else (
            "servers",
            "connection",
        )
    )
    known = set[str]().union(*(literals(FLOWS / f"{name}.py") for name in modules))
    core = {"already_configured", "unique_id_mismatch"}
    texts = TEXTS[flow]
    errors = {one for one in texts["error"] if not one.endswith("_range")}
    assert errors <= known
    assert set(texts.get("abort", ())) <= known | core


GENERAL_FAULTS = {
    "swapped_server",
    connection.OTHER_FAULT[1],
    *(error for _, error in connection.FAULTS.values()),
}


def faults_of(module: str) -> set[str]:
    """Return the names of the errors that a module finds by itself."""
    found = set()
    for node in ast.walk(ast.parse((FLOWS / module).read_text())):
        match node:
            case ast.Call(func=ast.Name(id="Fault"), args=[_, ast.Constant(value)]):
                found.add(str(value))
    return found


def test_config_faults() -> None:
    """There is a text for every error that is shown."""
    shown = faults_of("servers.py") | faults_of("connection.py") | GENERAL_FAULTS
    shown |= set(connection.SWAPPED.values())
    shown |= {"url_missing", "movie_retention_range", "tv_retention_range"}
    assert shown == TEXTS["config"]["error"].keys()


def check_step(
    text: Mapping[str, Any], schema: probatio.Schema, known: Collection[str]
) -> None:
    """Check that every field has a name and a description, and each text a field."""
    fields = {
        str(key): value
        for key, value in schema.schema.items()
        if not isinstance(value, section)
    }
    assert text["data"].keys() == fields.keys()
    # A unit needs no description: the number has one.
    described = {key for key in fields if not key.endswith("_unit")}
    assert text["data_description"].keys() == described
    for path, one in leaves(text):
        assert placeholders(one) <= set(known), path
    for value in fields.values():
        config = getattr(value, "config", {})
        if key := config.get("translation_key"):
            options = TEXTS["selector"][key]["options"]
            assert set(config["options"]) == options.keys()
    sections = {
        str(key): value
        for key, value in schema.schema.items()
        if isinstance(value, section)
    }
    assert text.get("sections", {}).keys() == sections.keys()
    for key, value in sections.items():
        check_step(text["sections"][key], value.schema, known)


def check_menu(step: Mapping[str, Any], methods: Collection[str]) -> None:
    """Check that each option of a menu is a step, with a name and a description."""
    options = step["menu_options"]
    assert options.keys() == step["menu_option_descriptions"].keys()
    assert options.keys() <= set(methods)


def steps_of(flow: type) -> set[str]:
    """Return the names of the steps of a flow, inherited ones included."""
    return {
        name.removeprefix("async_step_")
        for cls in flow.mro()
        if cls.__module__.startswith("custom_components")
        for name in vars(cls)
        if name.startswith("async_step_")
    }


def test_config_steps() -> None:
    """The steps of the config flow are described, with what they fill in."""
    steps = TEXTS["config"]["step"]
    known = {"server", "example_url", "http", "https", "url", "found", "name"}
    for step, schema in (
        ("retention", servers.RETENTION_SCHEMA),
        ("user", connection.CONNECTION_SCHEMA),
        ("jellystat", connection.OPTIONAL_CONNECTION_SCHEMA),
        ("reauth_jellyfin", connection.REAUTH_SCHEMA),
        ("reauth_jellystat", connection.REAUTH_SCHEMA),
        ("reauth_connection", connection.REAUTH_SCHEMA),
        ("reconfigure_jellyfin", connection.CONNECTION_SCHEMA),
        ("reconfigure_jellystat", connection.CONNECTION_SCHEMA),
    ):
        check_step(steps[step], schema, known)
    methods = steps_of(config_flow.OxiCleanarrConfigFlow)
    assert steps.keys() == methods - {"reauth", "add_server", "add_rule", "finish"}
    check_menu(steps["reconfigure"], methods)
    check_menu(steps["next"], methods)
    for path, text in leaves(TEXTS["config"]["error"]):
        assert placeholders(text) <= known, path


def test_options_steps() -> None:
    """The options are described, with what they fill in."""
    library = Library(library_id="1" * 32, name="Movies", collection_type="movies")
    steps = TEXTS["options"]["step"]
    check_step(steps["settings"], options.options_schema([library]), set())
    check_step(steps["import_rules"], import_rules.SCHEMA, {"faults"})
    for menu, known in (("init", set()), ("preview_import", {"changes", "preview"})):
        methods = steps_of(options.OxiCleanarrOptionsFlow)
        assert steps[menu]["menu_options"].keys() <= methods
        for path, text in leaves(steps[menu]):
            assert placeholders(text) <= known, path
    assert steps.keys() == methods - {"apply_import"}
    for path, text in leaves(TEXTS["options"]["error"]):
        assert not placeholders(text), path
    ranges = {
        f"{key}_range"
        for key, selector in every_field(options.options_schema([library]))
        if isinstance(selector, NumberSelector)
    }
    errors = TEXTS["options"]["error"].keys()
    assert {one for one in errors if one.endswith("_range")} == ranges


@pytest.mark.parametrize("rule_type", rule_forms.RULE_FORMS)
def test_rule_form(rule_type: str) -> None:
    """The form of a rule is described, with what it fills in."""
    stored = None
    if rule_type == "user":
        entries = (
            UserEntry(username="alice", retention=NEVER),
            UserEntry(user_id=42, retention=NEVER, require_watched=True),
        )
        stored = UserRule(name="People", users=entries)
    form = rule_forms.RULE_FORMS[rule_type](stored, rule_forms.Choices())
    step = TEXTS["config_subentries"]["rule"]["step"][f"{rule_type}_rule"]
    check_step(step, form.schema(), form.placeholders(ENGLISH).keys())


def test_rule_flow() -> None:
    """The steps of the rules' flow are described, and its errors."""
    texts = TEXTS["config_subentries"]
    assert texts.keys() == flows.SUBENTRY_FLOWS.keys() == {"rule", "server"}
    steps = texts["rule"]["step"]
    methods = steps_of(rules.RuleFlow)
    assert steps.keys() == methods - {"reconfigure", "save", "edit"}
    check_menu(steps["user"], methods)
    assert steps["user"]["menu_options"].keys() == {
        f"{rule_type}_rule" for rule_type in rule_forms.RULE_FORMS
    }
    assert steps["preview"]["menu_options"].keys() <= methods
    assert placeholders(steps["preview"]["description"]) == {"name", "preview"}
    assert texts["rule"]["initiate_flow"].keys() == {"user", "reconfigure"}
    known = literals(FLOWS / "rules.py") | literals(FLOWS / "rule_forms.py")
    assert texts["rule"]["error"].keys() <= known
    assert texts["rule"]["abort"].keys() <= known | {"already_configured"}
    for path, text in leaves(texts["rule"]["error"]):
        assert placeholders(text) <= {"faults"}, path


@pytest.mark.parametrize("kind", SERVER_KINDS)
def test_server_form(kind: str) -> None:
    """The forms for Radarr, Sonarr and Seerr are described."""
    known = {"server", "example_url", "example_map", "http", "https"}
    step = TEXTS["config_subentries"]["server"]["step"][kind]
    check_step(step, arrs.SCHEMAS[kind], known)


def test_server_flow() -> None:
    """The steps of the servers' flow are described, and its errors."""
    texts = TEXTS["config_subentries"]["server"]
    known = {"server", "example_url", "example_map", "http", "https"}
    methods = steps_of(arrs.ServerFlow)
    assert texts["step"].keys() == methods - {"reconfigure"}
    check_menu(texts["step"]["user"], methods)
    assert set(SERVER_KINDS) == texts["step"]["user"]["menu_options"].keys()
    assert texts["initiate_flow"].keys() == {"user", "reconfigure"}
    assert texts["abort"].keys() == {"already_configured", "connection_is_gone"}
    shown = faults_of("arrs.py") | faults_of("connection.py") | GENERAL_FAULTS
    shown.add("path_map")
    # Only Jellystat has these, and a key that is known may do everything.
    shown -= {"no_api_keys", "not_ready", "permission_denied"}
    assert texts["error"].keys() == shown
    for path, text in leaves(texts["error"]):
        assert placeholders(text) <= known | {"found", "line", "name"}, path
    assert placeholders(texts["abort"]["already_configured"]) == {"name"}


def test_findings_have_texts() -> None:
    """Every finding of the breaker is an issue that can be read and lifted."""
    for suspicion in Suspicion:
        text = TEXTS["issues"][suspicion]
        assert text["title"]
        description = text["fix_flow"]["step"]["confirm"]["description"]
        assert placeholders(description) <= {"before", "now", "changes", "due"}
        assert "due" in placeholders(description)
