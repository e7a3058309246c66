#!/usr/bin/env python3
"""Makes a release: its version, its changelog, and the archive that people install.

    scripts/release.py prepare 0.2.0         sets the version, gathers changes/ in CHANGELOG.md
    scripts/release.py zip FILE [--tag TAG]  builds the archive, if the tag is the version's

The archive holds what belongs in custom_components/oxicleanarr. No time and no rights of
the machine that builds it get into it.
"""

import argparse
from datetime import UTC, date, datetime
import json
from pathlib import Path
import re
import sys
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("custom_components/oxicleanarr")
KINDS = {
    "added": "Added",
    "changed": "Changed",
    "fixed": "Fixed",
    "removed": "Removed",
    "security": "Security",
}
VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}((a|b|rc)\d+)?")
# The archive's format knows no earlier time.
EPOCH = (1980, 1, 1, 0, 0, 0)


class ReleaseError(Exception):
    """This can't be released; the text says why."""


def version(root: Path) -> str:
    """Return the version that the manifest says."""
    return str(json.loads((root / PACKAGE / "manifest.json").read_text())["version"])


def kind_of(change: Path) -> str:
    """Return the kind of a change, which its file's name ends in: ``name.kind.md``."""
    name, _, kind = change.stem.rpartition(".")
    if not name or kind not in KINDS:
        raise ReleaseError(f"{change.name} has to end in .KIND.md: {', '.join(KINDS)}")
    return kind


def changes(root: Path) -> dict[Path, str]:
    """Return the changes since the last release, each with its kind."""
    files = sorted((root / "changes").glob("*.md"))
    return {one: kind_of(one) for one in files if one.name != "README.md"}


def prepare(root: Path, new: str, today: date) -> None:
    """Set the version, and move all changes to the changelog."""
    if not VERSION.fullmatch(new):
        raise ReleaseError(f"{new} is not a version like 1.2.3 or 1.2.3b1")
    found = changes(root)
    if not found:
        raise ReleaseError("there is nothing in changes/")
    changelog = root / "CHANGELOG.md"
    text = changelog.read_text()
    if f"\n## {new} " in text:
        raise ReleaseError(f"{new} is in the changelog already")
    parts = [f"## {new} ({today.isoformat()})"]
    for kind, title in KINDS.items():
        lines = [
            f"- {' '.join(one.read_text().split())}"
            for one, its_kind in found.items()
            if its_kind == kind
        ]
        if lines:
            parts.append("\n".join([f"### {title}", "", *lines]))
    intro, *rest = re.split(r"(?m)^(?=## )", text, maxsplit=1)
    section = "\n\n".join(parts)
    old = version(root)
    written = {changelog: "\n\n".join([intro.rstrip(), section, *rest]).rstrip() + "\n"}
    for path, line in (
        (root / PACKAGE / "manifest.json", '"version": "{}"'),
        (root / "pyproject.toml", 'version = "{}"'),
    ):
        content = path.read_text()
        if content.count(line.format(old)) != 1:
            raise ReleaseError(f"{path.name} doesn't have the version {old}")
        written[path] = content.replace(line.format(old), line.format(new))
    for path, content in written.items():
        path.write_text(content)
    for one in found:
        one.unlink()


def build_zip(root: Path, target: Path, tag: str | None = None) -> None:
    """Write the archive of the integration, if a tag is that of its version."""
    if tag not in (None, version(root), f"v{version(root)}"):
        raise ReleaseError(f"the tag is {tag}, but the version {version(root)}")
    package = root / PACKAGE
    with ZipFile(target, "w") as archive:
        for path in sorted(package.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            info = ZipInfo(path.relative_to(package).as_posix(), EPOCH)
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes(), ZIP_DEFLATED, 9)


def main() -> int:
    """Do what the arguments say and return the exit code."""
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    preparing = commands.add_parser("prepare")
    preparing.add_argument("version")
    zipping = commands.add_parser("zip")
    zipping.add_argument("file", type=Path)
    zipping.add_argument("--tag")
    arguments = parser.parse_args()
    try:
        if arguments.command == "prepare":
            prepare(ROOT, arguments.version, datetime.now(UTC).date())
        else:
            build_zip(ROOT, arguments.file, arguments.tag)
    except ReleaseError as err:
        print(f"error: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
