#!/usr/bin/env python3
"""Tells the whole repository where it is published, and whose it is.

    scripts/publish.py OWNER/REPOSITORY [--code-owner NAME]   sets both everywhere
    scripts/publish.py --check                                says what is not set yet

The one place that knows is the integration's manifest. What cannot read it (blueprints,
links to import them, the built cards, the README) is rewritten from what the manifest
says so far. Until then the address is one that no network resolves, so that
nothing leads to an address or an account that belongs to somebody else.
"""

import argparse
import json
from pathlib import Path
import re
import subprocess
import sys
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = Path("custom_components/oxicleanarr/manifest.json")
QUALITY_SCALE = Path("custom_components/oxicleanarr/quality_scale.yaml")
UNSET = "https://unpublished.invalid/oxicleanarr-home-assistant"
ACCOUNT = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
REPOSITORY = re.compile(rf"{ACCOUNT}/[A-Za-z0-9._-]{{1,100}}")


def address(root: Path) -> str:
    """Return where the repository is, as its manifest says."""
    return str(json.loads((root / MANIFEST).read_text())["documentation"])


def not_set(root: Path) -> list[str]:
    """Return what has to be set before anything is published."""
    missing = []
    if address(root) == UNSET:
        missing.append("the address of the repository")
    if not json.loads((root / MANIFEST).read_text())["codeowners"]:
        missing.append("the code owner")
    return missing


def texts(root: Path) -> dict[Path, str]:
    """Return every text of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    found = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = root / name
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            found[path] = content.decode()
    return found


def publish(root: Path, repository: str, code_owner: str) -> list[Path]:
    """Set address and code owner everywhere, and return which files that changed."""
    before, after = address(root), f"https://github.com/{repository}"
    changed = []
    for path, text in texts(root).items():
        new = text
        # This script has to know what is not set.
        if path != root / "scripts" / "publish.py":
            new = new.replace(quote(before, safe=""), quote(after, safe=""))
            new = new.replace(before, after)
        if path == root / MANIFEST:
            new = re.sub(r'("codeowners": )\[.*?\]', rf'\1["@{code_owner}"]', new)
        elif path == root / QUALITY_SCALE:
            new = re.sub(r"(integration-owner:)\n(    .*\n)+", r"\1 done\n", new)
        if new != text:
            path.write_text(new)
            changed.append(path)
    return changed


def main() -> int:
    """Do what the arguments say and return the exit code."""
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("repository", nargs="?", metavar="OWNER/REPOSITORY")
    parser.add_argument("--code-owner", metavar="NAME", help="default: OWNER")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.check:
        missing = not_set(ROOT)
        for one in missing:
            print(f"Not set yet: {one}")
        return 1 if missing else 0
    if not arguments.repository or not REPOSITORY.fullmatch(arguments.repository):
        parser.error("name the repository as OWNER/REPOSITORY")
    owner = (arguments.code_owner or arguments.repository.split("/")[0]).lstrip("@")
    if not re.fullmatch(ACCOUNT, owner):
        parser.error(f"{owner} can't be an account")
    for path in publish(ROOT, arguments.repository, owner):
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
