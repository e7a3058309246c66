"""Do the tests notice when a rule is changed, or when a guard is taken away?

mutmut changes the rooms that decide and delete, in a copy, in thousands of small ways,
and runs the tests that reach the change. What it cannot do is added here: code that
runs when a module is imported, and guards that are taken away as a whole.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile

from scripts.contract import CONTRACT, Removal

ROOT = Path(__file__).parents[1]
MUTANTS = ROOT / "mutants"
MUTMUT = str(Path(sys.executable).parent / "mutmut")
PACKAGE = "custom_components.oxicleanarr"
# A test fails, nothing can be collected, or the mutant never ends (as mutmut says it).
NOTICED = frozenset({1, 3, 36, 24, -24, 152, 255})
PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "--tb=no"),
    *("-p", "no:cacheprovider", "--hypothesis-profile=ci"),
)
# Says which of the mutated functions run when the rooms are imported.
PROBE = f"""
import json, os
os.environ["MUTANT_UNDER_TEST"] = "stats"
import {PACKAGE}.cleanup, {PACKAGE}.retention
from mutmut.state import state
print(json.dumps(sorted(state()._stats)))
"""


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/mutation", description=__doc__)
    parser.add_argument(
        "part", nargs="?", choices=("all", "score", "contract"), default="all"
    )
    parser.add_argument("--again", nargs="+", default=[], metavar="PATTERN")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    if asked.part != "contract":
        mutate(asked.again, asked.processes)
    if asked.part != "score":
        return 0 if take_away() else 1
    return 0


# --- the score ------------------------------------------------------------------------


def mutate(again: list[str], processes: int) -> None:
    """Try mutants, all of them unless some are named, and print the score."""
    if not again:
        shutil.rmtree(MUTANTS, ignore_errors=True)
    command = [MUTMUT, "run", "--max-children", str(processes), *again]
    subprocess.run(command, cwd=ROOT, check=True)
    try_what_runs_at_import()
    print_score()


def results() -> Iterator[tuple[Path, dict[str, int | None]]]:
    """Yield each mutated module with its mutants and how they ended."""
    for meta in sorted(MUTANTS.rglob("*.py.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            yield meta, codes


def survived(code: int | None) -> bool:
    """Return whether no test has noticed a mutant."""
    return code not in NOTICED


def try_what_runs_at_import() -> None:
    """Give survivors that are only met during the import a process of their own.

    mutmut's are forked after it.
    """
    environment = os.environ | {"PYTHONPATH": str(MUTANTS)}
    probe = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=MUTANTS,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    at_import = set(json.loads(probe.stdout))
    for meta, codes in results():
        for mutant, code in codes.items():
            if survived(code) and mutant.partition("__mutmut_")[0] in at_import:
                room = meta.parent.name
                done = subprocess.run(
                    [*PYTEST, "-x", f"tests/{room}"],
                    cwd=MUTANTS,
                    env=environment | {"MUTANT_UNDER_TEST": mutant},
                    check=False,
                    capture_output=True,
                )
                # What cannot even be imported is noticed by every test.
                codes[mutant] = 0 if done.returncode == 0 else 1
        data = json.loads(meta.read_text())
        meta.write_text(json.dumps(data | {"exit_code_by_key": codes}))


def print_score() -> None:
    """Print the score of each module, and all survivors."""
    total: Counter[str] = Counter()
    survivors: list[str] = []
    print(f"\n{'module':<28}{'mutants':>8}{'killed':>8}{'survived':>10}{'score':>9}")
    for meta, codes in results():
        module = f"{meta.parent.name}/{meta.name.removesuffix('.meta')}"
        left = [mutant for mutant, code in codes.items() if survived(code)]
        survivors += left
        total.update(mutants=len(codes), survived=len(left))
        print_row(module, len(codes), len(left))
    print_row("all", total["mutants"], total["survived"])
    for mutant in survivors:
        print(f"\n{mutant.removeprefix(f'{PACKAGE}.')}")
        told = subprocess.run(
            [MUTMUT, "show", mutant],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for line in told.stdout.splitlines():
            if line[:1] in ("+", "-") and line[:3] not in ("+++", "---"):
                print(f"  {line}")


def print_row(name: str, mutants: int, left: int) -> None:
    """Print one line of the table."""
    killed = mutants - left
    score = f"{100 * killed / mutants:.1f} %"
    print(f"{name:<28}{mutants:>8}{killed:>8}{left:>10}{score:>9}")


# --- the contract ---------------------------------------------------------------------


def take_away() -> bool:
    """Take every guard away by itself; return whether tests have failed each time."""
    noticed = True
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True)
        for name in filter(None, names.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        for removal in CONTRACT:
            failed = failing_without(removal, copy)
            noticed &= bool(failed)
            print(f"\n{removal.point}. {removal.guard}", flush=True)
            for name in failed or ["NO TEST FAILS"]:
                print(f"   {name}", flush=True)
    return noticed


def failing_without(removal: Removal, copy: Path) -> list[str]:
    """Return which tests fail first in a copy of the tree without a guard."""
    path = copy / "custom_components/oxicleanarr" / removal.path
    whole = path.read_text()
    if whole.count(removal.text) != 1:
        raise SystemExit(
            f"{removal.path} has {whole.count(removal.text)} times: {removal.text}"
        )
    path.write_text(whole.replace(removal.text, removal.instead))
    try:
        done = subprocess.run(
            [*PYTEST, "--maxfail=20", "-rfE", *removal.tests],
            cwd=copy,
            env=without_compiled(os.environ),
            check=False,
            capture_output=True,
            text=True,
        )
    finally:
        path.write_text(whole)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    lines = (line.split() for line in done.stdout.splitlines())
    failed = [line[1] for line in lines if line[:1] in (["FAILED"], ["ERROR"])]
    # Of a test with many values the name is enough.
    return list(dict.fromkeys(name.partition("[")[0] for name in failed))


def without_compiled(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which no compiled module is kept.

    Two changes within a second could not be told apart.
    """
    return dict(environment) | {"PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    sys.exit(main())
