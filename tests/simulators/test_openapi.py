"""What the simulator serves and the fields it sends are in Jellyfin's own description."""

import gzip
import json
import re
from typing import Any

import pytest

from simulators import Household, JellyfinSimulator

from .conftest import Client
from .recorded import RECORDINGS

VERSIONS = {"10.10.7": "10.10.0", "10.11.11": "10.11.11", "12.0": "12.0.0"}
#: Not in any description.
UNDESCRIBED = {"/health"}


def description(version: str) -> Any:
    """Return the description of a version, or skip where there is none."""
    file = RECORDINGS / f"openapi/jellyfin-{VERSIONS[version]}.json.gz"
    if not file.exists():
        pytest.skip("no descriptions here")
    return json.loads(gzip.decompress(file.read_bytes()))


@pytest.mark.parametrize("version", VERSIONS)
def test_routes(household: Household, version: str) -> None:
    """Every route is described with its method."""
    paths = description(version)["paths"]
    described = {
        (method.upper(), re.sub(r"\{[^}]+\}", "{id}", path).lower())
        for path, methods in paths.items()
        for method in methods
    }
    for route in JellyfinSimulator(household, version)._routes:
        path = route.pattern.pattern.removeprefix("^").removesuffix("/?$")
        path = path.replace("([^/]+)", "{id}").lower()
        if path not in UNDESCRIBED:
            wanted = path.replace("/images/primary", "/images/{id}")
            assert (route.method, wanted) in described


@pytest.mark.parametrize("version", VERSIONS)
async def test_fields(household: Household, ask: Client, version: str) -> None:
    """Every field is a property of the described row."""
    schemas = description(version)["components"]["schemas"]
    alice = household.users[0]
    household.start_playback(alice, household.movies[0])
    fields = "ProviderIds,Path,DateCreated,Tags,MediaSources,MediaSourceCount,SortName,ParentId"
    async with JellyfinSimulator(household, version) as jellyfin:
        for schema, path in (
            ("BaseItemDto", f"/Items?recursive=true&userId={alice.id}&fields={fields}"),
            ("SessionInfoDto", "/Sessions"),
            ("UserDto", "/Users"),
            ("VirtualFolderInfo", "/Library/VirtualFolders"),
            ("TaskInfo", "/ScheduledTasks"),
            ("SystemInfo", "/System/Info"),
            ("ServerConfiguration", "/System/Configuration"),
            ("ActivityLogEntry", "/System/ActivityLog/Entries"),
        ):
            body = (await ask(jellyfin, path)).body
            rows = body if isinstance(body, list) else body.get("Items", [body])
            assert rows
            for row in rows:
                _check(row, schemas[schema], schemas, schema)


def _check(value: Any, schema: Any, schemas: Any, where: str) -> None:
    """Assert that a value has no field that is not described."""
    while reference := schema.get("$ref") or next(
        (each["$ref"] for each in schema.get("allOf", ()) if "$ref" in each), None
    ):
        schema = schemas[reference.rsplit("/", 1)[1]]
    if isinstance(value, list):
        for each in value:
            _check(each, schema.get("items", {}), schemas, f"{where}[]")
    elif isinstance(value, dict) and "properties" in schema:
        assert not set(value) - set(schema["properties"]), where
        for name, each in value.items():
            _check(each, schema["properties"][name], schemas, f"{where}.{name}")
