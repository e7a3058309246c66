"""What is published: the archive, the changelog, and where the repository says it is."""

import asyncio
from asyncio.subprocess import PIPE
from datetime import date
import json
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tomllib
from zipfile import ZipFile

from homeassistant.core import HomeAssistant
from homeassistant.loader import Integration
import pytest

from scripts import publish, release
from simulators import JellyfinSimulator, JellystatSimulator

from .conftest import connection

ROOT = Path(__file__).parents[1]
TODAY = date(2027, 1, 6)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a repository that has what a release changes."""
    for name in (
        "custom_components/oxicleanarr/manifest.json",
        "custom_components/oxicleanarr/quality_scale.yaml",
        "pyproject.toml",
        "CHANGELOG.md",
        "changes/README.md",
    ):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return tmp_path


# --- the archive --------------------------------------------------------------------


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """Return a configuration folder into which the archive is unpacked."""
    archive = tmp_path / "oxicleanarr.zip"
    release.build_zip(ROOT, archive)
    target = tmp_path / "config" / "custom_components" / "oxicleanarr"
    (tmp_path / "config" / ".storage").mkdir(parents=True)
    with ZipFile(archive) as opened:
        opened.extractall(target)
    return tmp_path / "config"


def test_the_archive_is_the_integration(unpacked: Path) -> None:
    """It has every file of it that is under version control, and no other."""
    listed = subprocess.run(
        [
            *("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
            *("--", str(release.PACKAGE)),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("this is no checkout of Git")
    files = {path for path in unpacked.rglob("*") if path.is_file()}
    names = {path.relative_to(unpacked).as_posix() for path in files}
    assert names == {name for name in listed.stdout.split("\0") if name}
    for path in files:
        assert path.read_bytes() == (ROOT / path.relative_to(unpacked)).read_bytes()
    # Where the marketplace looks after it has unpacked it.
    assert (unpacked / release.PACKAGE / "manifest.json").exists()


def test_the_archive_is_the_same_every_time(tmp_path: Path) -> None:
    """Whoever builds it again can compare it."""
    for name in ("one.zip", "two.zip"):
        release.build_zip(ROOT, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_archive_has_the_name_that_is_downloaded() -> None:
    """The marketplace finds it in a release."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["zip_release"] is True
    assert hacs["filename"] == "oxicleanarr.zip"
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert f"zip {hacs['filename']} --tag" in workflow


async def test_a_plain_home_assistant_runs_what_was_unpacked(
    unpacked: Path, jellyfin: JellyfinSimulator, jellystat: JellystatSimulator
) -> None:
    """Set up by its forms, it reads the household, and takes no module from elsewhere."""
    steps = [
        *(connection(server) for server in (jellyfin, jellystat)),
        {},
        {"next_step_id": "finish"},
    ]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", str(Path(__file__).with_name("installed.py"))),
        *(str(unpacked), json.dumps(steps)),
        cwd=unpacked,
        stdout=PIPE,
        stderr=PIPE,
    )
    printed, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    told = json.loads(printed)
    assert told["loaded"] == [True]
    assert int(told["states"]["sensor.household_watched_movies"]) > 0
    assert told["states"]["switch.household_dry_run"] == "on"
    installed = unpacked / release.PACKAGE
    assert set(map(Path, told["modules"])) == set(installed.rglob("*.py"))


@pytest.mark.parametrize("tag", [None, "{}", "v{}"])
def test_the_tag_is_the_version(tmp_path: Path, tag: str | None) -> None:
    """With or without a v, as people write it."""
    target = tmp_path / "one.zip"
    release.build_zip(ROOT, target, tag and tag.format(release.version(ROOT)))
    assert target.exists()


@pytest.mark.parametrize("tag", ["v9.9.9", "", "latest"])
def test_another_tag_is_not_released(tmp_path: Path, tag: str) -> None:
    """A release never has an archive of another version."""
    target = tmp_path / "one.zip"
    with pytest.raises(release.ReleaseError, match="the tag is"):
        release.build_zip(ROOT, target, tag)
    assert not target.exists()


# --- the changelog ------------------------------------------------------------------


def test_changes_can_be_gathered() -> None:
    """Every change since the last release has a kind, and says something."""
    for path in release.changes(ROOT):
        assert path.read_text().strip().endswith("."), path.name


def test_a_release_is_prepared(copy: Path) -> None:
    """The version is set, and the changes move to the changelog, newest first."""
    (copy / "changes" / "rules.fixed.md").write_text("A bug\nis gone.\n")
    (copy / "changes" / "wall.added.md").write_text("A wall.\n")
    release.prepare(copy, "7.8.9", TODAY)
    assert release.version(copy) == "7.8.9"
    assert '\nversion = "7.8.9"\n' in (copy / "pyproject.toml").read_text()
    assert release.changes(copy) == {}
    assert (copy / "changes" / "README.md").exists()
    (copy / "changes" / "more.changed.md").write_text("More.\n")
    release.prepare(copy, "7.9.0", TODAY)
    text = (copy / "CHANGELOG.md").read_text()
    intro = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[0].rstrip()
    assert text.startswith(
        f"{intro}\n\n"
        "## 7.9.0 (2027-01-06)\n\n### Changed\n\n- More.\n\n"
        "## 7.8.9 (2027-01-06)\n\n### Added\n\n- A wall.\n\n"
        "### Fixed\n\n- A bug is gone.\n"
    )


@pytest.mark.parametrize(
    ("version", "change"),
    [
        ("1.2", "wall.added.md"),
        ("v1.2.3", "wall.added.md"),
        ("1.2.3", None),
        ("1.2.3", "wall.md"),
        ("1.2.3", "wall.improved.md"),
    ],
)
def test_what_cannot_be_released(copy: Path, version: str, change: str | None) -> None:
    """Then nothing is changed."""
    if change:
        (copy / "changes" / change).write_text("A wall.\n")
    before = {path: path.read_text() for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(release.ReleaseError):
        release.prepare(copy, version, TODAY)
    after = {path: path.read_text() for path in copy.rglob("*") if path.is_file()}
    assert after == before


# --- where it is published ----------------------------------------------------------


def test_it_is_published_with_one_command(copy: Path) -> None:
    """Address and code owner are set everywhere, also where it is part of a link."""
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)
    before = publish.address(copy)
    encoded = before.replace(":", "%3A").replace("/", "%2F")
    page = copy / "page.md"
    page.write_text(f"{before}/issues and ?url={encoded}%2Fblob and é\n")
    picture = copy / "picture.png"
    picture.write_bytes(b"\0" + before.encode())
    changed = publish.publish(copy, "some-body/the.repository", "some-one")
    after = "https://github.com/some-body/the.repository"
    assert page in changed
    assert page.read_text() == (
        f"{after}/issues and"
        " ?url=https%3A%2F%2Fgithub.com%2Fsome-body%2Fthe.repository%2Fblob and é\n"
    )
    assert picture.read_bytes() == b"\0" + before.encode()
    assert publish.address(copy) == after
    manifest = json.loads((copy / publish.MANIFEST).read_text())
    assert manifest["issue_tracker"] == f"{after}/issues"
    assert manifest["codeowners"] == ["@some-one"]
    assert publish.not_set(copy) == []
    scale = (copy / publish.QUALITY_SCALE).read_text()
    assert "integration-owner: done\n" in scale
    # It can move later.
    publish.publish(copy, "another/place", "another")
    assert page.read_text().startswith("https://github.com/another/place/issues and")


ADDRESS = publish.address(ROOT)
ELSEWHERE = {
    "boxed/mutmut",  # the tool for mutants
    "ramonskie/oxicleanarr",  # the program whose guide this implements
    "some-body/the.repository",  # in the tests of this
    "another/place",
    "a/b",
}


def test_it_says_what_it_is() -> None:
    """Nobody takes it for the program whose name it bears."""
    assert json.loads((ROOT / publish.MANIFEST).read_text())["name"] == (
        "OxiCleanarr for Home Assistant"
    )
    first = " ".join((ROOT / "README.md").read_text().split()[:100])
    assert "independent implementation" in first
    assert "https://github.com/ramonskie/oxicleanarr" in first
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "independent implementation" in project["description"].lower()


def test_nothing_leads_to_somebody_else() -> None:
    """Whoever publishes it sets the address; until then nothing has one."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout of Git")
    ours = ADDRESS.removeprefix("https://github.com/")
    for path, text in publish.texts(ROOT).items():
        if path.name == "package-lock.json" or path.parent.name == "requirements":
            continue
        plain = text.replace("%3A", ":").replace("%2F", "/")
        for name in re.findall(
            rf"github(?:usercontent)?\.com/({publish.REPOSITORY.pattern})", plain
        ):
            found = name.rstrip(".").removesuffix(".git")
            assert found in {ours, *ELSEWHERE}, f"{found} in {path}"


def test_what_is_not_set_yet() -> None:
    """All of it is set, or nothing; and the manifest leads to one place."""
    manifest = json.loads((ROOT / publish.MANIFEST).read_text())
    assert manifest["issue_tracker"] == f"{ADDRESS}/issues"
    missing = publish.not_set(ROOT)
    assert len(missing) in {0, 2}
    if missing:
        pytest.skip(f"to be set before it is published: {' and '.join(missing)}")
    assert publish.REPOSITORY.fullmatch(ADDRESS.removeprefix("https://github.com/"))


@pytest.mark.parametrize(
    "repository",
    ["nobody", "-nobody/it", "no_body/it", "a/b/c", "https://github.com/a/b", "a/"],
)
def test_what_is_no_repository(repository: str) -> None:
    """A slip of the finger changes nothing."""
    assert not publish.REPOSITORY.fullmatch(repository)


async def test_the_archive_says_what_it_is(hass: HomeAssistant, unpacked: Path) -> None:
    """The manifest in it is one that Home Assistant takes."""
    manifest = json.loads((unpacked / publish.MANIFEST).read_text())
    integration = Integration(
        hass,
        "custom_components.oxicleanarr",
        unpacked / release.PACKAGE,
        manifest,
        {path.name for path in (unpacked / release.PACKAGE).iterdir()},
    )
    assert integration.domain == "oxicleanarr"
    assert integration.has_translations
    assert integration.has_branding
