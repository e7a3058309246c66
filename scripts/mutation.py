"""Do the tests notice when a rule is changed, or when a guard is taken away?

mutmut changes what syncs, decides and deletes, in a copy, in thousands of small ways,
and runs the tests that reach the change. What it cannot do is added here: code that
runs when a module is imported, and guards that are taken away as a whole.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
from time import monotonic

from scripts.contract import CONTRACT, Removal

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".cache" / "mutation"
PACKAGE = "custom_components/oxicleanarr"
MUTMUT = str(Path(sys.executable).parent / "mutmut")
SECONDS = 20
"""Of tests for each mutant: more of them notice more, and take their time."""


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the house whose own tests have to notice every change to it."""

    files: str
    """What is changed, in the integration's folder; ``*`` stands for folders too."""
    tests: tuple[str, ...]


ROOMS = {
    "keeper": Room(
        "keeper.py",
        (
            "tests/test_keeper.py",
            "tests/test_keeper_bring_back.py",
            "tests/test_access.py",
            "tests/test_approvals.py",
            "tests/test_collection.py",
            "tests/test_purge.py",
        ),
    ),
    "automatic": Room("automatic.py", ("tests/test_automatic.py",)),
    "sync": Room("sync/*", ("tests/sync", "tests/cleanup/test_sights.py")),
    "retention": Room("retention/*", ("tests/retention",)),
    "cleanup": Room(
        "cleanup/*",
        (
            "tests/cleanup",
            "tests/test_collection.py",
            "tests/test_keeper_bring_back.py",
        ),
    ),
}
# The same examples each time, or one run could not be compared with the next.
PYTEST_OPTIONS = (
    *("-p", "no:cacheprovider", "--hypothesis-profile=ci"),
    "--timeout=120",
)
CONFIGURATION = """\
[mutmut]
source_paths = {package}
only_mutate = {package}/{files}
also_copy =
    simulators
    blueprints
pytest_add_cli_args_test_selection =
    {tests}
timeout_constant = 12
timeout_multiplier = 2
pytest_add_cli_args =
    {options}
"""
# A test fails, or nothing can be collected. What was not done in time has not been tried.
NOTICED = frozenset({1, 3})
# Says which of the mutated functions run when a room is imported.
PROBE = """
import importlib, json, os, sys
os.environ["MUTANT_UNDER_TEST"] = "stats"
importlib.import_module(sys.argv[1])
from mutmut.state import state
print(json.dumps(sorted(state()._stats)))
"""
DOCUMENTATION = ROOT / "docs" / "how-it-is-tested.md"
ROW = re.compile(r"^\| (\d+) \| (.+) \| `([\w/]+\.py::\w+)` \|$", re.MULTILINE)
KEPT = {"PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "bytecode")}
"""Where compiled modules are, also those of other scripts."""
PYTEST = (sys.executable, "-m", "pytest", "-q", "--tb=no", *PYTEST_OPTIONS)


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/mutation", description=__doc__)
    parser.add_argument(
        "part", nargs="?", choices=("all", "score", "contract"), default="all"
    )
    parser.add_argument("--room", choices=ROOMS, help="mutate only this one")
    parser.add_argument(
        "--again",
        nargs="*",
        metavar="PATTERN",
        help="try these mutants again, or all survivors, and keep what else is known",
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="of tests for each mutant, those first that are most about it",
    )
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="try every Nth mutant"
    )
    parser.add_argument(
        "--offset", type=int, default=0, metavar="N", help="the first that is tried"
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="TEXT",
        help="take away only guards with this in their words or in their module's path",
    )
    asked = parser.parse_args()
    if asked.part != "contract":
        rooms = [asked.room] if asked.room else list(ROOMS)
        for room in rooms:
            sample = ("--every", str(asked.every), "--offset", str(asked.offset))
            mutate(room, asked.again, asked.processes, asked.seconds, sample)
        print_score(rooms)
    if asked.part != "score":
        return 0 if take_away(asked.only) else 1
    return 0


def copy_tree(target: Path) -> None:
    """Copy what is in the working tree, as it is now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


# --- the score ------------------------------------------------------------------------


def mutate(
    room: str,
    again: list[str] | None,
    processes: int,
    seconds: float,
    sample: tuple[str, ...],
) -> None:
    """Try the mutants of a room: all (``None``), all survivors (none), or some."""
    work = WORK / room
    if again is None:
        shutil.rmtree(work, ignore_errors=True)
    for meta, codes in list(results(room)) if again == [] else ():
        # What has no result is tried.
        noticed = {
            mutant: code if code in NOTICED else None for mutant, code in codes.items()
        }
        store(meta, noticed)
    forget_who_reaches_what(work)
    copy_tree(work)
    configuration = CONFIGURATION.format(
        package=PACKAGE,
        files=ROOMS[room].files,
        tests="\n    ".join(ROOMS[room].tests),
        options="\n    ".join(PYTEST_OPTIONS),
    )
    (work / "setup.cfg").write_text(configuration)
    module = f"{PACKAGE}/{room}".replace("/", ".")
    named = [f"{module}.{name.removeprefix(f'{room}.')}" for name in again or ()]
    command = [
        *(sys.executable, str(Path(__file__).with_name("mutants.py"))),
        *("--seconds", str(seconds), *sample),
        *("--processes", str(processes), *named),
    ]
    subprocess.run(command, cwd=work, check=True)
    try_what_runs_at_import(room, module)


def forget_who_reaches_what(work: Path) -> None:
    """Let mutmut look again which tests reach a function.

    It asks new tests only, and an old one may reach a function that is new.
    """
    stats = work / "mutants" / "mutmut-stats.json"
    if stats.exists():
        forgotten: dict[str, object] = {
            "tests_by_mangled_function_name": {},
            "duration_by_test": {},
        }
        stats.write_text(json.dumps(json.loads(stats.read_text()) | forgotten))


def results(room: str) -> Iterator[tuple[Path, dict[str, int | None]]]:
    """Yield the mutated modules of a room with their mutants and how they ended."""
    changed = WORK / room / "mutants" / PACKAGE
    for meta in sorted(changed.rglob("*.py.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            yield meta, codes


def store(meta: Path, codes: dict[str, int | None]) -> None:
    """Store how the mutants of a module ended."""
    data = json.loads(meta.read_text())
    meta.write_text(json.dumps(data | {"exit_code_by_key": codes}))


def try_what_runs_at_import(room: str, module: str) -> None:
    """Give survivors that are only met during the import a process of their own.

    mutmut's are forked after it.
    """
    mutants = WORK / room / "mutants"
    environment = os.environ | {"PYTHONPATH": str(mutants)}
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, module],
        cwd=mutants,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    at_import = set(json.loads(probe.stdout))
    for meta, codes in results(room):
        for mutant, code in codes.items():
            if (
                code not in (None, *NOTICED)
                and mutant.partition("__mutmut_")[0] in at_import
            ):
                done = subprocess.run(
                    [*PYTEST, "-x", *ROOMS[room].tests],
                    cwd=mutants,
                    env=environment | {"MUTANT_UNDER_TEST": mutant},
                    check=False,
                    capture_output=True,
                )
                # What cannot even be imported is noticed by every test.
                codes[mutant] = 0 if done.returncode == 0 else 1
        store(meta, codes)


def print_score(rooms: list[str]) -> None:
    """Print the score of each module, and all survivors."""
    survivors: list[tuple[str, str]] = []
    print(f"\n{'module':<28}{'mutants':>8}{'killed':>8}{'survived':>10}{'score':>9}")
    total: Counter[str] = Counter()
    for room in rooms:
        for meta, codes in results(room):
            codes = {mutant: code for mutant, code in codes.items() if code is not None}
            if not codes:
                continue
            left = [mutant for mutant, code in codes.items() if code not in NOTICED]
            survivors += ((room, mutant) for mutant in left)
            total.update(mutants=len(codes), left=len(left))
            name = meta.relative_to(WORK / room / "mutants" / PACKAGE)
            print_row(str(name.with_suffix("")), len(codes), len(left))
    print_row("all", total["mutants"], total["left"])
    for room, mutant in survivors:
        print(f"\n{room}.{mutant.partition(f'.{room}.')[2]}")
        command = [MUTMUT, "show", mutant]
        shown = subprocess.run(
            command, cwd=WORK / room, check=True, stdout=subprocess.PIPE, text=True
        )
        for line in shown.stdout.splitlines():
            if line[:1] in ("+", "-") and line[:3] not in ("+++", "---"):
                print(f"  {line}")


def print_row(name: str, mutants: int, left: int) -> None:
    """Print one line of the table."""
    killed = mutants - left
    score = f"{100 * killed / mutants:.1f} %"
    print(f"{name:<28}{mutants:>8}{killed:>8}{left:>10}{score:>9}")


# --- the contract ---------------------------------------------------------------------


def documented() -> list[tuple[int, str, str]]:
    """Return the points, the guards and their tests as the documentation lists them."""
    section = DOCUMENTATION.read_text().partition("\n## The contract\n")[2]
    return [
        (int(point), guard, f"tests/{test}")
        for point, guard, test in ROW.findall(section.partition("\n## ")[0])
    ]


def take_away(only: str) -> bool:
    """Take guards away by themselves; return whether a test has failed each time."""
    work = WORK / "contract"
    shutil.rmtree(work, ignore_errors=True)
    copy_tree(work)
    compile_once(work)
    tried = [one for one in CONTRACT if only in one.guard or only in one.path]
    examples = {guard: test for _, guard, test in documented()}
    noticed = 0
    began = monotonic()
    for removal in tried:
        start = monotonic()
        failed = failing_without(removal, work, examples.get(removal.guard))
        noticed += failed is not None
        seconds = monotonic() - start
        print(f"\n{removal.point}. {removal.guard} ({seconds:.0f} s)", flush=True)
        print(f"   {failed or 'NO TEST FAILS'}", flush=True)
    minutes = (monotonic() - began) / 60
    print(f"\n{noticed} of {len(tried)} noticed, in {minutes:.0f} minutes")
    return noticed == len(tried)


def compile_once(work: Path) -> None:
    """Keep what Python makes of the whole tree and of Home Assistant.

    To compile it takes longer than most tests that have to fail. Later processes only
    read it: of two changes within a second the compiled module of one would be kept.
    """
    subprocess.run(
        [*PYTEST, "--collect-only"],
        cwd=work,
        # Empty is as if it were not there.
        env=os.environ | KEPT | {"PYTHONDONTWRITEBYTECODE": ""},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def failing_without(removal: Removal, work: Path, example: str | None) -> str | None:
    """Return which test fails in a copy of the tree without a guard.

    Mostly it is the one that the documentation gives as an example, or else the first.
    """
    path = work / PACKAGE / removal.path
    whole = path.read_text()
    if (count := whole.count(removal.text)) != 1:
        raise SystemExit(f"{removal.path} has {count} times: {removal.text}")
    path.write_text(whole.replace(removal.text, removal.instead))
    try:
        return (example and first_failure([example], work)) or first_failure(
            removal.tests, work
        )
    finally:
        path.write_text(whole)


def first_failure(tests: Sequence[str], work: Path) -> str | None:
    """Return the first test that fails."""
    done = subprocess.run(
        [*PYTEST, "--exitfirst", "-rfE", *tests],
        cwd=work,
        env=os.environ | KEPT | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout)
    lines = (line.split() for line in done.stdout.splitlines())
    failed = [line[1] for line in lines if line[:1] in (["FAILED"], ["ERROR"])]
    # Of a test with many values the name is enough.
    return failed[0].partition("[")[0] if failed else None


if __name__ == "__main__":
    sys.exit(main())
