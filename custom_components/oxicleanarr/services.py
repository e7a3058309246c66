"""The actions: each has a response, and some are for admins only (``access``).

It is long because an action is read in one place: its fields, what it calls, its response.
"""

from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import service
from homeassistant.util import dt as dt_util

from . import service_schemas as schemas
from .access import async_asker, async_require_admin
from .cleanup import rule_name, say
from .const import DOMAIN
from .coordinator import OxiCleanarrCoordinator

if TYPE_CHECKING:
    from .coordinator import OxiCleanarrConfigEntry
from .ledger import JournalEntry, SeveralTitlesError
from .model import KeptItem, dated_title
from .responses import (
    as_json,
    brought_back_response,
    candidates_response,
    item_response,
    plan_summary,
    planned_response,
    told,
)
from .retention import RuleErrors, TraceStep, clause, dump_rules, parse_rules
from .rules import async_apply_changes, import_changes
from .service_schemas import Field
from .words import Words


class Action(StrEnum):
    """The names of the actions."""

    SYNC = "sync"
    EVALUATE_RULES = "evaluate_rules"
    DELETE_MEDIA = "delete_media"
    GET_WATCH_HISTORY = "get_watch_history"
    GET_DELETIONS = "get_deletions"
    BRING_BACK = "bring_back"
    EXPLAIN_ITEM = "explain_item"
    KEEP_ITEM = "keep_item"
    UNKEEP_ITEM = "unkeep_item"
    SCHEDULE_ITEM = "schedule_item"
    PURGE_HISTORY = "purge_history"
    UNSCHEDULE_ITEM = "unschedule_item"
    APPROVE_ITEM = "approve_item"
    UNAPPROVE_ITEM = "unapprove_item"
    IMPORT_RULES = "import_rules"
    EXPORT_RULES = "export_rules"


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for action, handler, schema, admins_only in (
        (Action.SYNC, _async_sync, schemas.SYNC, False),
        (Action.EVALUATE_RULES, _async_evaluate_rules, schemas.EVALUATE, False),
        (Action.DELETE_MEDIA, _async_delete_media, schemas.DELETE, True),
        (Action.GET_WATCH_HISTORY, _async_get_watch_history, schemas.HISTORY, True),
        (Action.PURGE_HISTORY, _async_purge_history, schemas.PURGE, True),
        (Action.GET_DELETIONS, _async_get_deletions, schemas.DELETIONS, False),
        (Action.BRING_BACK, _async_bring_back, schemas.BRING_BACK, True),
        (Action.EXPLAIN_ITEM, _async_explain_item, schemas.ITEM, False),
        (Action.KEEP_ITEM, _async_keep_item, schemas.KEEP, False),
        (Action.UNKEEP_ITEM, _async_unkeep_item, schemas.ITEM, False),
        (Action.SCHEDULE_ITEM, _async_schedule_item, schemas.SCHEDULE, True),
        (Action.UNSCHEDULE_ITEM, _async_schedule_item, schemas.ITEM, True),
        (Action.APPROVE_ITEM, _async_approve_item, schemas.TITLES, True),
        (Action.UNAPPROVE_ITEM, _async_unapprove_item, schemas.TITLES, False),
        (Action.IMPORT_RULES, _async_import_rules, schemas.IMPORT, True),
        (Action.EXPORT_RULES, _async_export_rules, schemas.ENTRY, False),
    ):
        hass.services.async_register(
            DOMAIN,
            action,
            _for_admins(handler) if admins_only else handler,
            schema=schema,
            supports_response=SupportsResponse.OPTIONAL,
        )


type _Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


def _for_admins(handler: _Handler) -> _Handler:
    """Return an action that refuses everybody but admins and automations."""

    async def checked(call: ServiceCall) -> ServiceResponse:
        """Handle the call if its user may ask for that."""
        await async_require_admin(call.hass, call.context)
        return await handler(call)

    return checked


def _coordinator(call: ServiceCall) -> OxiCleanarrCoordinator:
    """Return the coordinator of the entry that the call means."""
    entry: OxiCleanarrConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return entry.runtime_data


async def _async_sync(call: ServiceCall) -> ServiceResponse:
    """Sync now and return what was read."""
    coordinator = _coordinator(call)
    report = await coordinator.async_asked(
        coordinator.keeper.sync(full=call.data[Field.FULL])
    )
    return as_json(asdict(report))


async def _async_evaluate_rules(call: ServiceCall) -> ServiceResponse:
    """Return the plan as it is now, and what stays if asked."""
    coordinator = _coordinator(call)
    overview = await coordinator.async_asked(coordinator.keeper.evaluate())
    plan = overview.plan
    if plan is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="never_synced"
        )
    words = coordinator.words
    summary = plan_summary(coordinator, plan)
    blockers = coordinator.keeper.blockers

    def response() -> ServiceResponse:
        """Say it; of thousands of titles that takes a while."""
        said = summary | {
            "pending": [planned_response(entry, words) for entry in plan.entries],
            "blocked_by": [say(one.reason, words) for one in blockers],
        }
        if call.data[Field.INCLUDE_KEPT]:
            said["kept"] = [_kept_response(item, words) for item in plan.kept]
        return as_json(said)

    return await call.hass.async_add_executor_job(response)


async def _async_delete_media(call: ServiceCall) -> ServiceResponse:
    """Delete titles, or rehearse it, and return what happened to each."""
    coordinator = _coordinator(call)
    report = await coordinator.async_asked(
        coordinator.keeper.delete(
            call.data.get(Field.ITEM_IDS), dry_run=call.data[Field.DRY_RUN]
        )
    )
    words = coordinator.words
    return as_json(
        {
            "dry_run": report.dry_run,
            "deleted": [
                *(
                    {
                        **planned_response(one, words),
                        "confirmed": True,
                        "deletion_id": report.deletions.get(one.name),
                    }
                    for one in report.deleted
                ),
                *(
                    {
                        **planned_response(one, words),
                        "confirmed": False,
                        "deletion_id": report.deletions.get(one.name),
                    }
                    for one in report.unconfirmed
                ),
            ],
            "skipped": [
                {**planned_response(entry, words), **told("reason", reason, words)}
                for entry, reason in report.skipped
            ],
            "failed": [
                {**planned_response(entry, words), **told("error", error, words)}
                for entry, error in report.failed
            ],
            "reclaimed_bytes": report.reclaimed_bytes,
            "requests": report.requests,
        }
    )


async def _async_get_watch_history(call: ServiceCall) -> ServiceResponse:
    """Return who played what and when, the latest first."""
    coordinator = _coordinator(call)
    item_ids: list[str] | None = None
    user_id: str | None = None
    since: datetime | None = call.data.get(Field.SINCE)
    if reference := call.data.get(Field.ITEM_ID):
        found = await coordinator.async_ask_ledger(
            lambda ledger: ledger.find(reference)
        )
        if not found:
            raise _unknown_item(reference)
        item_ids = [item.item_id for item in found]
    users = {user.user_id: user.name for user in coordinator.data.users}
    if wanted := call.data.get(Field.USER):
        user_id = next(
            (
                one
                for one, name in users.items()
                if wanted == one or wanted.casefold() == name.casefold()
            ),
            None,
        )
        if user_id is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_user",
                translation_placeholders={"user": wanted},
            )
    events = await coordinator.async_ask_ledger(
        lambda ledger: ledger.watch_history(
            item_ids=item_ids,
            user_id=user_id,
            since=dt_util.as_utc(since) if since else None,
            limit=call.data[Field.LIMIT],
        )
    )
    return as_json(
        {
            "events": [
                {
                    "item_id": event.item_id,
                    "title": event.title,
                    "series": event.series_title,
                    "user": users.get(event.user_id, event.user_name),
                    "watched_at": event.ended_at,
                    "seconds": event.seconds,
                }
                for event in events
            ]
        }
    )


async def _async_purge_history(call: ServiceCall) -> ServiceResponse:
    """Forget who has played what, and return how many plays that were."""
    user: str | None = call.data.get(Field.USER)
    before: datetime | None = call.data.get(Field.BEFORE)
    if user is None and before is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="purge_what"
        )
    try:
        coordinator = _coordinator(call)
        plays = await coordinator.async_asked(
            coordinator.keeper.purge(user, dt_util.as_utc(before) if before else None)
        )
    except LookupError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="unknown_user",
            translation_placeholders={"user": str(user)},
        ) from err
    return {"plays": plays}


async def _async_get_deletions(call: ServiceCall) -> ServiceResponse:
    """Return the latest deletions from the journal."""
    coordinator = _coordinator(call)
    rows = await coordinator.async_asked(
        coordinator.keeper.deletions(call.data[Field.LIMIT])
    )
    words = coordinator.words
    return as_json(
        {
            "deletions": [
                {
                    **_journal_response(row, words),
                    "bring_back": prospect,
                    **told("bring_back_reason", because, words),
                }
                for row, prospect, because in rows
            ]
        }
    )


async def _async_bring_back(call: ServiceCall) -> ServiceResponse:
    """Bring back what was deleted, and return what was done for each title."""
    asker = await async_asker(call.hass, call.context)
    try:
        coordinator = _coordinator(call)
        titles = await coordinator.async_asked(
            coordinator.keeper.bring_back(
                call.data[Field.DELETION_ID],
                search=call.data[Field.SEARCH],
                asker=asker,
            )
        )
    except LookupError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="unknown_deletion",
            translation_placeholders={"deletion_id": str(err)},
        ) from err
    words = coordinator.words
    return as_json({"titles": [brought_back_response(one, words) for one in titles]})


async def _async_explain_item(call: ServiceCall) -> ServiceResponse:
    """Return why a title is kept or deleted."""
    coordinator = _coordinator(call)
    if coordinator.data.plan is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="never_synced"
        )
    meant = await _async_meant(call)
    if not isinstance(meant, str):
        return meant
    with _about(call.data[Field.ITEM_ID]):
        explained = await coordinator.async_asked(coordinator.keeper.explain(meant))
    words = coordinator.words
    return as_json(
        {
            "item": {
                **item_response(explained.item),
                "key": explained.key,
                "library": explained.library,
            },
            "verdict": {
                "outcome": explained.outcome,
                "rule": rule_name(explained.rule, words),
                "rule_type": explained.rule_type,
                **told("reason", explained.reason, words),
                "due_at": explained.due_at,
                "approval": explained.approval,
                "approved_until": explained.approved_until,
                **told("would_change", explained.would_change, words),
            },
            "trace": [_step_response(step, words) for step in explained.trace],
        }
    )


async def _async_import_rules(call: ServiceCall) -> ServiceResponse:
    """Add or change rules from YAML and return which."""
    coordinator = _coordinator(call)
    entry = coordinator.config_entry
    try:
        imported = await call.hass.async_add_executor_job(
            parse_rules, call.data[Field.YAML]
        )
    except RuleErrors as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="invalid_rules",
            translation_placeholders={"faults": err.text(coordinator.words)},
        ) from err
    words = coordinator.words
    changes = import_changes(entry, imported, words, replace=call.data[Field.REPLACE])
    preview = await coordinator.async_asked(coordinator.keeper.preview(changes.rules))
    dry_run: bool = call.data[Field.DRY_RUN]
    if not dry_run:
        async_apply_changes(call.hass, entry, changes)
    return {
        "dry_run": dry_run,
        "added": list(changes.added),
        "updated": list(changes.updated),
        "removed": list(changes.removed),
        "ignored": [clause(one, words) for one in changes.ignored],
        "notes": [told("note", note, words) for note in changes.notes],
        # Nobody should find out later that a forgotten key takes what nobody has seen.
        "unwatched": [title.name for title in preview.unwatched] if preview else [],
    }


async def _async_export_rules(call: ServiceCall) -> ServiceResponse:
    """Return all rules as YAML."""
    rules = _coordinator(call).settings.rules
    return {"yaml": await call.hass.async_add_executor_job(dump_rules, rules)}


def _unknown_item(reference: str) -> ServiceValidationError:
    """Return the error for a title that is not there."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_item",
        translation_placeholders={"item_id": reference},
    )


async def _async_keep_item(call: ServiceCall) -> ServiceResponse:
    """Keep a title, for good or until a date."""
    until: datetime | None = call.data.get(Field.UNTIL)
    if until is not None:
        until = dt_util.as_utc(until)
        if until <= dt_util.utcnow():
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="until_is_past"
            )
    asker = await async_asker(call.hass, call.context)
    meant = await _async_meant(call)
    if not isinstance(meant, str):
        return meant
    with _about(call.data[Field.ITEM_ID]):
        coordinator = _coordinator(call)
        item = await coordinator.async_asked(
            coordinator.keeper.keep(
                meant, until, call.data.get(Field.REASON, ""), asker
            )
        )
    return as_json({"item_id": item.item_id, "kept_until": until})


async def _async_unkeep_item(call: ServiceCall) -> ServiceResponse:
    """Stop keeping a title."""
    asker = await async_asker(call.hass, call.context)
    with _about(call.data[Field.ITEM_ID]):
        coordinator = _coordinator(call)
        item = await coordinator.async_asked(
            coordinator.keeper.unkeep(call.data[Field.ITEM_ID], asker)
        )
    return as_json({"item_id": item.item_id, "kept_until": None})


async def _async_schedule_item(call: ServiceCall) -> ServiceResponse:
    """Schedule a title by hand."""
    at: datetime | None = call.data.get(Field.AT)
    with _about(call.data[Field.ITEM_ID]):
        coordinator = _coordinator(call)
        item, due_at = await coordinator.async_asked(
            coordinator.keeper.schedule(
                call.data[Field.ITEM_ID], dt_util.as_utc(at) if at else None
            )
        )
    return as_json({"item_id": item.item_id, "due_at": due_at})


async def _async_approve_item(call: ServiceCall) -> ServiceResponse:
    """Approve pending titles, so that they are deleted when they are ready."""
    asker = await async_asker(call.hass, call.context)
    coordinator = _coordinator(call)
    approved = await coordinator.async_asked(
        coordinator.keeper.approve(call.data[Field.ITEM_IDS], asker)
    )
    return _approvals_response(approved)


async def _async_unapprove_item(call: ServiceCall) -> ServiceResponse:
    """Take approvals back."""
    coordinator = _coordinator(call)
    taken = await coordinator.async_asked(
        coordinator.keeper.unapprove(call.data[Field.ITEM_IDS])
    )
    return _approvals_response(dict.fromkeys(taken))


def _approvals_response(approved: Mapping[str, datetime | None]) -> ServiceResponse:
    """Return until when titles are approved, by their ids."""
    return as_json(
        {
            "items": [
                {"item_id": item_id, "approved_until": until}
                for item_id, until in approved.items()
            ]
        }
    )


async def _async_meant(call: ServiceCall) -> str | ServiceResponse:
    """Return the id of the title that a call names by id, key or name.

    Where several may be meant, return the response that lists them; a call that asks
    for no response is told by an error.
    """
    reference: str = call.data[Field.ITEM_ID]
    try:
        with _about(reference):
            return await _coordinator(call).async_meant(reference)
    except SeveralTitlesError as err:
        if call.return_response:
            return as_json({"candidates": candidates_response(err.titles)})
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="several_titles",
            translation_placeholders={
                "name": reference,
                "titles": ", ".join(dated_title(item) for item, _ in err.titles),
            },
        ) from err


@contextmanager
def _about(reference: str) -> Generator[None]:
    """Say that there is no such title as the one that was named."""
    try:
        yield
    except SeveralTitlesError:
        raise
    except LookupError as err:
        raise _unknown_item(reference) from err


def _step_response(step: TraceStep, words: Words) -> dict[str, Any]:
    """Return what one rule said about a title."""
    return {
        "rule": rule_name(step.rule, words),
        "type": step.type,
        "matched": step.matched,
        "outcome": step.outcome,
        **told("because", step.because, words),
    }


def _kept_response(item: KeptItem, words: Words) -> dict[str, Any]:
    """Return a title that stays as actions show it."""
    return {
        "item_id": item.item_id,
        "kind": item.kind,
        "title": item.title,
        "kept_by": rule_name(item.kept_by, words),
        "kept_until": item.kept_until,
        **told("reason", item.reason, words),
    }


def _journal_response(row: JournalEntry, words: Words) -> dict[str, Any]:
    """Return a row of the journal as actions show it."""
    return {
        "deletion_id": row.deletion or row.entry_id,
        "item_id": row.item_id,
        "key": row.key,
        "kind": row.kind,
        "title": row.title,
        "series": row.series,
        "season": row.season,
        "episode": row.episode,
        "path": row.path,
        "size_bytes": row.size_bytes,
        "rule": rule_name(row.rule, words),
        **told("reason", row.reason, words),
        "intended_at": row.intended_at,
        "finished_at": row.finished_at,
        "outcome": row.outcome,
        **told("error", row.error, words),
        "deleted_by": [part.app for part in row.through if part.file_ids]
        or ["Jellyfin"],
        "recycle_bin": row.recycle_bin,
        "recoverable_until": row.recoverable_until,
    }
