"""A process without Home Assistant that keeps a household; ``test_bare.py`` starts it.

It may import nothing but Python, aiohttp with what that needs, PyYAML, and the rooms of
the house. It reads the addresses of the servers as JSON, and prints what it deleted.
"""

from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
import runpy
import sys
from types import ModuleType

ROOT = Path(__file__).parents[2]
ALLOWED = sys.stdlib_module_names | {
    "aiohappyeyeballs",
    "aiohttp",
    "aiosignal",
    "attr",
    "custom_components",
    "frozenlist",
    "idna",
    "multidict",
    "propcache",
    "tests",
    "yaml",
    "yarl",
}


class NothingElse(MetaPathFinder):
    """Finds what a bare machine would have, and nothing else."""

    def __init__(self, finders: Iterable[MetaPathFinder]) -> None:
        """Take what finds modules otherwise."""
        self._finders = tuple(finders)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return where a module is, if it may be imported."""
        if fullname.partition(".")[0] not in ALLOWED:
            return None
        found = (one.find_spec(fullname, path, target) for one in self._finders)
        return next(filter(None, found), None)


def open_house() -> None:
    """Let the rooms be imported without the package's own module, which is glue."""
    sys.path.insert(0, str(ROOT))
    sys.meta_path[:] = [NothingElse(sys.meta_path)]  # type: ignore[arg-type]
    house = ModuleType("custom_components.oxicleanarr")
    house.__path__ = [str(ROOT / "custom_components" / "oxicleanarr")]
    sys.modules[house.__name__] = house


if __name__ == "__main__":
    open_house()
    runpy.run_module("tests.bare.household", run_name="__main__")
