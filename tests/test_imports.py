"""The house has a direction: imports go down only, and the rooms know no Home Assistant."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "custom_components" / "oxicleanarr"
DOMAIN = PACKAGE.name

# What each room may import of the house. Everything else in the package is glue,
# which may import all of it.
ROOMS: dict[str, frozenset[str]] = {
    "model": frozenset(),
    "words": frozenset(),
    "garbage": frozenset(),
    "servers": frozenset({"model", "garbage"}),
    "ledger": frozenset({"model"}),
    "retention": frozenset({"model", "words"}),
    "sync": frozenset({"model", "garbage", "servers", "ledger"}),
    "cleanup": frozenset(
        {"model", "words", "garbage", "servers", "ledger", "retention", "sync"}
    ),
    "household": frozenset({"model", "servers", "ledger", "retention", "cleanup"}),
    "keeper": frozenset(
        {
            "model",
            "garbage",
            "servers",
            "ledger",
            "retention",
            "sync",
            "cleanup",
            "household",
        }
    ),
}
# The forms lie below the glue: what they may use of it, besides all rooms.
BELOW_FLOWS = ROOMS.keys() | {
    "connections",
    "const",
    "coordinator",
    "errors",
    "keeper",
    "language",
    "rules",
    "settings",
}
DOOR = "config_flow"
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """Return the room that a module lies in, or its own name."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def relative(path: Path) -> str:
    """Return a module's name for people."""
    return str(path.relative_to(PACKAGE))


def imports_of(path: Path) -> set[str]:
    """Return what a module imports, by absolute name."""
    inside = path.relative_to(PACKAGE).parent.parts
    here = [DOMAIN, *inside]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = ".".join(here[: len(here) - level + 1])
                # ``from . import sync`` names the module after the import.
                modules = [module] if module else [name.name for name in names]
                found |= {f"{base}.{one}" for one in modules}
    return found


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(path) in ROOMS], ids=relative
)
def test_rooms(path: Path) -> None:
    """A room imports from below, and nothing of Home Assistant or its engine."""
    own = room_of(path)
    for name in imports_of(path):
        first, *rest = name.split(".")
        assert first not in {"homeassistant", "probatio", "voluptuous"}, name
        if first in {DOMAIN, "custom_components"}:
            inside = rest[1:] if first == "custom_components" else rest
            assert inside, f"{name} is the glue"
            assert inside[0] in ROOMS[own] | {own}, f"{own} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_private_modules_stay_private(path: Path) -> None:
    """What is outside of a room takes what the room hands out, and no more."""
    for name in imports_of(path):
        first, *rest = name.split(".")
        if first == DOMAIN and rest[0] != room_of(path):
            assert len(rest) == 1, f"{name} reaches into a room"


def rooms_used_by(path: Path) -> set[str]:
    """Return which parts of the house a module imports."""
    parts = [name.split(".") for name in imports_of(path)]
    return {rest[0] for first, *rest in parts if first == DOMAIN and rest}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(path) == "flows"], ids=relative
)
def test_flows_import_from_below(path: Path) -> None:
    """A form knows what it asks about, and nothing of what shows or does it."""
    assert rooms_used_by(path) <= BELOW_FLOWS | {"flows"}


def test_forms_are_reached_by_the_door() -> None:
    """Only the module in which Home Assistant looks for forms takes them from there."""
    users = {room_of(path) for path in MODULES if "flows" in rooms_used_by(path)}
    assert users == {DOOR, "flows"}


def test_rooms_exist() -> None:
    """No room is guarded under a name that it does not have any more."""
    assert ROOMS.keys() <= {room_of(path) for path in MODULES}


# What only the keeper puts together, and where each is tested by itself.
STEPS = (
    "full_sync",
    "poll",
    "read_owners",
    "plan_cleanup",
    "Planner",
    "review",
    "settle",
    "clean_up",
)
ROOT = PACKAGE.parents[1]
TESTED_ALONE = ("tests/home.py", "tests/sync", "tests/cleanup")


def names_taken(path: Path) -> set[str]:
    """Return the names that a module takes from other rooms of the integration."""
    return {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_one_orchestration() -> None:
    """Nothing but the keeper puts the steps together: not even a test of the whole."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("custom_components", "tests", "benchmarks", "scripts")
        for path in (ROOT / folder).rglob("*.py")
        if names_taken(path) & set(STEPS)
    }
    apart = tuple(
        f"custom_components/oxicleanarr/{room}" for room in ("sync/", "cleanup/")
    )
    assert {one for one in found if not one.startswith((*TESTED_ALONE, *apart))} == {
        "custom_components/oxicleanarr/keeper.py"
    }
