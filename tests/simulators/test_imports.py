"""No module imports one that imports it, not even for its types alone."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules_of(package: Path) -> dict[str, Path]:
    """Return the modules of a package by their names, which begin with the package's."""
    found = {}
    for path in package.rglob("*.py"):
        name = [package.name, *path.relative_to(package).with_suffix("").parts]
        found[".".join(name).removesuffix(".__init__")] = path
    return found


def imports_of(name: str, modules: dict[str, Path]) -> set[str]:
    """Return the modules that a module imports, wherever in it the import stands."""
    path = modules[name]
    package = name.split(".")
    if path.name != "__init__.py":
        package.pop()
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {each.name for each in names}
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package[: len(package) - level + 1] if level else []
                source = ".".join([*above, *([module] if module else [])])
                for each in names:
                    inside = f"{source}.{each.name}"
                    found.add(inside if inside in modules else source)
    # Home Assistant's own way of naming the package counts, too.
    found = {each.removeprefix("custom_components.") for each in found}
    return (found & modules.keys()) - {name}


def circle_in(package: Path) -> list[str]:
    """Return a circle of imports, empty if there is none."""
    modules = modules_of(package)
    graph = {name: imports_of(name, modules) for name in modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


@pytest.mark.parametrize("package", ["simulators", "custom_components/oxicleanarr"])
def test_no_circles(package: str) -> None:
    """Imports go one way, those for type checkers included."""
    assert modules_of(ROOT / package)
    assert circle_in(ROOT / package) == []


@pytest.mark.parametrize(
    "back",
    [
        "from .first import One",
        "from . import first",
        "import house.first",
        "from house.first import One",
        "if TYPE_CHECKING:\n    from .first import One",
        "def later():\n    from .first import One",
    ],
)
def test_circles_are_found(tmp_path: Path, back: str) -> None:
    """However a circle is written, it is seen."""
    package = tmp_path / "house"
    package.mkdir()
    (package / "__init__.py").write_text("from .first import One\n")
    (package / "first.py").write_text("from .second import Two\n")
    (package / "second.py").write_text("")
    assert circle_in(package) == []
    (package / "second.py").write_text(f"{back}\n")
    assert {"house.first", "house.second"} <= set(circle_in(package))
