"""A stage for the demo and the smoke test: simulators and a real Home Assistant.

Both run as processes of their own on 127.0.0.1 and end with the stage.
"""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
import socket
import sys
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 300
LAST_SYNC = "sensor.household_last_sync"
# A household whose Home Assistant was off for six hours starts its grace period anew.
LONGEST_STEP = timedelta(hours=5, minutes=45)
USER = "demo"
PASSWORD = "demo-house"


class StageError(Exception):
    """Something on the stage did not do what it should; the text says what."""


@dataclass
class Stage:
    """Both processes and the ways to talk to them."""

    folder: Path
    session: aiohttp.ClientSession
    port: int
    servers: dict[str, dict[str, str]] = field(default_factory=dict)
    ahead: timedelta = timedelta()
    entry_id: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)
    """Of the admin who set it up."""
    _simulators: Process | None = None
    _home_assistant: Process | None = None

    @property
    def url(self) -> str:
        """Return Home Assistant's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Path:
        """Return Home Assistant's configuration folder."""
        return self.folder / "config"

    @property
    def log(self) -> str:
        """Return Home Assistant's log so far."""
        return (self.folder / "home-assistant.log").read_text(errors="replace")

    # --- the servers ------------------------------------------------------------

    async def start_simulators(self) -> None:
        """Start all servers and the way to steer the household."""
        now = datetime.now(UTC) + self.ahead
        self._simulators = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulators", "--arrs", "--now", now.isoformat()),
            cwd=ROOT,
            stdout=PIPE,
        )
        assert self._simulators.stdout is not None
        line = await asyncio.wait_for(self._simulators.stdout.readline(), START_SECONDS)
        if not line:
            raise StageError("the simulated servers did not start")
        self.servers = json.loads(line)

    async def steer(self, command: str, **body: Any) -> Any:
        """Let something happen in the household, or look at it."""
        url = f"{self.servers['control']['url']}/control/{command}"
        async with self.session.post(url, json=body) as response:
            answer = await response.json()
            if response.status != 200:
                raise StageError(f"{command}: {answer['error']}")
            return answer

    # --- Home Assistant -----------------------------------------------------------

    def prepare_home_assistant(self) -> None:
        """Write a fresh configuration with this integration in it."""
        shutil.rmtree(self.config, ignore_errors=True)
        (self.config / ".storage").mkdir(parents=True)
        (self.config / "custom_components").symlink_to(ROOT / "custom_components")
        # The recorder keeps the browser's console clean.
        (self.config / "configuration.yaml").write_text(
            "homeassistant:\n  country: GB\nhistory:\nlogbook:\n"
        )
        self._store(
            "http",
            3,
            {
                "stable": {
                    "server_host": ["127.0.0.1"],
                    "server_port": self.port,
                    "cors_allowed_origins": [],
                    "login_attempts_threshold": -1,
                    "ip_ban_enabled": False,
                    "ssl_profile": "intermediate_v6",
                    "use_x_frame_options": True,
                    "created_at": "2026-01-01T00:00:00+00:00",
                    "error": None,
                    "error_message": None,
                },
                "pending": None,
                "yaml_migration_done": True,
            },
        )
        self._store(
            "onboarding", 4, {"done": ["core_config", "analytics", "integration"]}
        )

    def _store(self, key: str, version: int, data: dict[str, Any]) -> None:
        (self.config / ".storage" / key).write_text(
            json.dumps(
                {"version": version, "minor_version": 1, "key": key, "data": data}
            )
        )

    async def start_home_assistant(self) -> None:
        """Start Home Assistant, as far ahead of the clock as the stage is."""
        with (self.folder / "home-assistant.log").open("ab") as log:
            self._home_assistant = await asyncio.create_subprocess_exec(
                sys.executable,
                str(ROOT / "scripts" / "home_assistant_at.py"),
                str(self.ahead.total_seconds()),
                *("-c", str(self.config), "--skip-pip", "--log-no-color"),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._is_running():
                    if self._home_assistant.returncode is not None:
                        raise StageError(f"Home Assistant did not start:\n{self.log}")
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise StageError(
                f"Home Assistant did not start in {START_SECONDS} seconds:\n{self.log}"
            ) from None

    async def _is_running(self) -> bool:
        try:
            if not self.tokens:
                async with self.session.get(f"{self.url}/manifest.json") as response:
                    response.raise_for_status()
                await self._log_in()
            config = await self.get("/api/config")
        except aiohttp.ClientConnectionError, aiohttp.ClientResponseError:
            return False
        return bool(config["state"] == "RUNNING")

    async def stop_home_assistant(self) -> None:
        """Stop Home Assistant as its user would."""
        await _end(self._home_assistant)
        self._home_assistant = None

    async def pass_days(self, time: timedelta) -> None:
        """Let days pass: the household's clock, and Home Assistant restarted in them.

        It is there again every few hours and looks, as one that runs all the time does.
        """
        while time:
            step = min(time, LONGEST_STEP)
            time -= step
            await self.stop_home_assistant()
            self.ahead += step
            await self.steer("tick", seconds=step.total_seconds())
            since = datetime.now(UTC) + self.ahead
            await self.start_home_assistant()
            await self.wait_until_loaded()
            await self.wait_for_sync(since)

    async def _log_in(self) -> None:
        client_id = f"{self.url}/"
        created = await self.post(
            "/api/onboarding/users",
            {
                "name": "Demo",
                "username": USER,
                "password": PASSWORD,
                "client_id": client_id,
                "language": "en",
            },
        )
        self.tokens = await self._tokens_for(created["auth_code"])

    async def add_user(self, name: str, password: str) -> dict[str, Any]:
        """Let a family member log in, who is no admin; return the tokens."""
        async with self.session.ws_connect(f"{self.url}/api/websocket") as socket:
            await socket.receive_json()
            token = self.tokens["access_token"]
            await socket.send_json({"type": "auth", "access_token": token})
            await socket.receive_json()
            command = {
                "id": 1,
                "type": "config/auth/create",
                "name": name,
                "group_ids": ["system-users"],
            }
            await socket.send_json(command)
            user = (await socket.receive_json())["result"]["user"]
            command = {
                "id": 2,
                "type": "config/auth_provider/homeassistant/create",
                "user_id": user["id"],
                "username": name.lower(),
                "password": password,
            }
            await socket.send_json(command)
            await socket.receive_json()
        client_id = f"{self.url}/"
        flow = {
            "client_id": client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": client_id,
        }
        step = await self.post("/auth/login_flow", flow)
        ended = await self.post(
            f"/auth/login_flow/{step['flow_id']}",
            {"client_id": client_id, "username": name.lower(), "password": password},
        )
        return await self._tokens_for(ended["result"])

    async def _tokens_for(self, code: str) -> dict[str, Any]:
        async with self.session.post(
            f"{self.url}/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": f"{self.url}/",
            },
        ) as response:
            tokens: dict[str, Any] = await response.json()
            return tokens

    async def _refresh(self) -> None:
        async with self.session.post(
            f"{self.url}/auth/token",
            data={
                "grant_type": "refresh_token",
                "refresh_token": self.tokens["refresh_token"],
                "client_id": f"{self.url}/",
            },
        ) as response:
            self.tokens |= await response.json()

    async def get(self, path: str) -> Any:
        """Ask Home Assistant's API."""
        return await self._request("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Tell Home Assistant's API something."""
        return await self._request("POST", path, body)

    async def delete(self, path: str) -> Any:
        """Remove something by Home Assistant's API."""
        return await self._request("DELETE", path, None)

    async def _request(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> Any:
        for last in (False, True):
            headers = {}
            if self.tokens:
                headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
            async with self.session.request(
                method, f"{self.url}{path}", json=body, headers=headers
            ) as response:
                if response.status == 401 and self.tokens and not last:
                    await self._refresh()
                    continue
                if response.status >= 400:
                    text = await response.text()
                    if response.status in (400, 500):
                        raise StageError(f"{path}: {response.status} {text}")
                    response.raise_for_status()
                return await response.json()
        return None

    async def action(self, name: str, **data: Any) -> dict[str, Any]:
        """Call one of our actions and return its response."""
        answer = await self.post(
            f"/api/services/oxicleanarr/{name}?return_response", data
        )
        response: dict[str, Any] = answer["service_response"]
        return response

    async def action_when_free(self, name: str, **data: Any) -> dict[str, Any]:
        """Call an action when the sync or the deletion under way has ended."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    return await self.action(name, **data)
                except StageError as err:
                    if "is busy" not in str(err):
                        raise
                    await asyncio.sleep(0.2)

    async def state(self, entity_id: str) -> str:
        """Return an entity's state."""
        return str((await self.get(f"/api/states/{entity_id}"))["state"])

    async def wait_for(self, entity_id: str, *not_these: str) -> str:
        """Wait until an entity has a state other than these, and return it."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                with suppress(aiohttp.ClientResponseError):
                    state = await self.state(entity_id)
                    if state not in not_these:
                        return state
                await asyncio.sleep(0.2)

    async def wait_for_sync(self, since: datetime) -> None:
        """Wait until a sync has ended after a time, in UTC."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                state = await self.wait_for(LAST_SYNC, "unknown", "unavailable")
                if datetime.fromisoformat(state) >= since:
                    return
                await asyncio.sleep(0.2)

    # --- the integration ----------------------------------------------------------

    async def flow(self, path: str, *steps: dict[str, Any], **start: Any) -> Any:
        """Walk through a flow, a form after the other; return its end."""
        result = await self.post(f"/api/config/config_entries/{path}", start)
        for step in steps:
            result = await self.post(
                f"/api/config/config_entries/{path}/{result['flow_id']}", step
            )
            if result.get("errors"):
                raise StageError(f"the form says: {result['errors']}")
        return result

    def connection(self, server: str) -> dict[str, Any]:
        """Return what a person types into the form for a server."""
        return {**self.servers[server], "timeout": 30, "verify_ssl": True}

    async def add_integration(self) -> None:
        """Set the integration up through its own config flow."""
        result = await self.flow(
            "flow",
            self.connection("jellyfin"),
            self.connection("jellystat"),
            {},
            {"next_step_id": "finish"},
            handler="oxicleanarr",
        )
        if result["type"] != "create_entry":
            raise StageError(f"the config flow ended with {result['type']}")
        self.entry_id = result["result"]["entry_id"]

    async def add_server(self, name: str) -> None:
        """Connect a Radarr, Sonarr or Seerr through its own form."""
        result = await self.flow(
            "subentries/flow",
            {"next_step_id": name.removesuffix("4k")},
            self.connection(name),
            handler=[self.entry_id, "server"],
        )
        if result["type"] != "create_entry":
            raise StageError(f"the form for {name} ended with {result['type']}")
        await self.wait_until_loaded()

    async def wait_until_loaded(self) -> None:
        """Wait until the integration is there again after a change of its servers."""
        path = "/api/config/config_entries/entry?domain=oxicleanarr"
        async with asyncio.timeout(START_SECONDS):
            while [one["state"] for one in await self.get(path)] != ["loaded"]:
                await asyncio.sleep(0.1)

    async def choose_rules(
        self,
        movie_days: int,
        tv_days: int,
        *,
        seerr_cleanup: bool = False,
        grace_days: int = 3,
    ) -> None:
        """Set the standard rules through the options flow; the rest stays as it is."""
        await self.flow(
            "options/flow",
            {"next_step_id": "settings"},
            {
                "retention_base": "last_watched",
                "unwatched_behavior": "never",
                "leaving_soon_days": 14,
                "safety": {
                    "grace_days": grace_days,
                    "max_items": 25,
                    "favorites_keep": True,
                    "import_exclusion": True,
                    "seerr_cleanup": seerr_cleanup,
                },
                "automatic": {},
                "intervals": {"poll_interval": 15, "full_sync_interval": 6},
                "movie_retention": movie_days,
                "tv_retention": tv_days,
            },
            handler=self.entry_id,
        )

    async def confirm_repair(self, issue: str, *options: str) -> None:
        """Look at an issue and confirm it, as a person does under Repairs.

        ``options`` are chosen in the menus that follow.
        """
        result = await self.post(
            "/api/repairs/issues/fix",
            {"handler": "oxicleanarr", "issue_id": f"{issue}_{self.entry_id}"},
        )
        path = f"/api/repairs/issues/fix/{result['flow_id']}"
        result = await self.post(path, {})
        for option in options:
            result = await self.post(path, {"next_step_id": option})
        if result["type"] != "create_entry":
            raise StageError(f"the repair ended with {result}")

    async def add_rule(self, kind: str, **rule: Any) -> None:
        """Make a rule through its form, and save it after the preview."""
        result = await self.flow(
            "subentries/flow",
            {"next_step_id": f"{kind}_rule"},
            {"more": {}, **rule},
            {"next_step_id": "save"},
            handler=[self.entry_id, "rule"],
        )
        if result["type"] != "create_entry":
            raise StageError(f"the form for a rule ended with {result['type']}")

    async def close(self) -> None:
        """End both processes."""
        await self.stop_home_assistant()
        await _end(self._simulators)


async def _end(process: Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 30)
    except TimeoutError:
        process.kill()
        await process.wait()


def free_port(wanted: int) -> int:
    """Return the wanted port of 127.0.0.1, or another one if it is taken."""
    for port in (wanted, 0):
        with socket.socket() as listener, suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            return int(listener.getsockname()[1])
    raise StageError("no port is free")


@asynccontextmanager
async def open_stage(
    name: str, *, port: int = 0, at: datetime | None = None
) -> AsyncIterator[Stage]:
    """Open a stage at a time of its own; Home Assistant is prepared, not started."""
    folder = ROOT / ".cache" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    async with aiohttp.ClientSession() as session:
        stage = Stage(folder, session, free_port(port))
        if at is not None:
            stage.ahead = at - datetime.now(UTC)
        try:
            await stage.start_simulators()
            stage.prepare_home_assistant()
            yield stage
        finally:
            await stage.close()
