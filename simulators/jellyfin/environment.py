"""`/Environment`: the disk as Jellyfin's own account sees it, with its silences."""

from posixpath import basename
from typing import Any

from ..disk import Disk
from ..faults import Answer, as_json, as_text
from .query import Parameters
from .routing import Call, Route, problem

_ERROR = "Error processing request."


def environment_routes(disk: Disk) -> list[Route]:
    """Return the routes, which only an administrator or a key may use."""

    async def validate(call: Call) -> Answer:
        """Answer `POST /Environment/ValidatePath`."""
        return validate_path(disk, call.request.body)

    async def contents(call: Call) -> Answer:
        """Answer `GET /Environment/DirectoryContents`."""
        return directory_contents(disk, call.parameters)

    return [
        Route.of("POST", "/Environment/ValidatePath", validate, elevated=True),
        Route.of("GET", "/Environment/DirectoryContents", contents, elevated=True),
    ]


def validate_path(disk: Disk, body: Any) -> Answer:
    """Answer `POST /Environment/ValidatePath`: 204 where something is to be seen, 404 for all else."""
    body = body if isinstance(body, dict) else {}
    path = body.get("Path")
    is_file = body.get("IsFile")
    if not isinstance(path, str) or not path:
        return problem(404)
    there = {True: disk.shows_file, False: disk.shows_folder}
    if is_file is not None:
        return Answer(204) if there[is_file](path) else problem(404)
    if not (disk.shows_file(path) or disk.shows_folder(path)):
        return problem(404)
    if body.get("ValidateWritable"):
        # It writes a file to find out, and fails over the path of a file.
        if disk.shows_file(path):
            return as_text(_ERROR, 404)
        if path in disk.read_only:
            return as_text(_ERROR, 500)
    return Answer(204)


def directory_contents(disk: Disk, parameters: Parameters) -> Answer:
    """Answer `GET /Environment/DirectoryContents`: one level, or nothing of what it may not read."""
    path = parameters.text("path")
    if path is None:
        return problem(400, "path", message="The path field is required.")
    files = parameters.flag("includefiles") is True
    folders = parameters.flag("includedirectories") is True
    path = path.rstrip("/") or "/"
    if not disk.shows_folder(path):
        return as_text(_ERROR, 404)
    if path in disk.unreadable:
        return as_json([])
    if path in disk.barred:
        return as_text(_ERROR, 500)
    rows = []
    for entry in disk.entries(path):
        is_folder = disk.is_folder(entry)
        if folders if is_folder else files:
            kind = "Directory" if is_folder else "File"
            rows.append({"Name": basename(entry), "Path": entry, "Type": kind})
    return as_json(rows)
