"""Repairs: the issues that people are shown, and the flows that confirm some of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.loader import async_get_loaded_integration
import probatio

from .cleanup import COLLECTION_NAME, Finding, Suspicion
from .const import CONF_AUTOMATIC_DELETION, CONF_DRY_RUN, CONF_REAL_RUNS, DOMAIN
from .coordinator import OxiCleanarrConfigEntry
from .language import local_day
from .model import PlannedDeletion
from .retention import RetentionRules, UserRule, plain
from .words import Words

_FIRST_REAL_RUN = "first_real_run"
_LEDGER_FAILED = "ledger_failed"
_USER_RULES = "user_rules_without_seerr"
_COLLECTION_TAKEN = "collection_taken"
_DATES_AHEAD = "dates_in_the_future"
_NAMED = 10
# Who allows deletions for the first time should see more than the first few.
_PENDING_NAMED = 100


@callback
def async_update_issues(hass: HomeAssistant, entry: OxiCleanarrConfigEntry) -> None:
    """Show an issue for each finding, and for what else only a person can mend."""
    coordinator = entry.runtime_data
    found = {finding.suspicion: finding for finding in coordinator.data.findings}
    for suspicion in Suspicion:
        issue_id = _issue_id(entry, suspicion)
        if suspicion not in found:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        finding = found[suspicion]
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=suspicion,
            translation_placeholders=_placeholders(entry, finding),
            data={"entry_id": entry.entry_id, "suspicion": suspicion.value},
        )
    failure = coordinator.keeper.ledger_failure
    _async_say(
        hass,
        entry,
        _LEDGER_FAILED,
        None if failure is None else {"error": failure},
        ir.IssueSeverity.ERROR,
    )
    titles = coordinator.data.titles_ahead
    _async_say(
        hass, entry, _DATES_AHEAD, {"titles": _listed(titles)} if titles else None
    )
    taken = coordinator.keeper.collection.taken
    _async_say(
        hass, entry, _COLLECTION_TAKEN, {"name": COLLECTION_NAME} if taken else None
    )


@callback
def _async_say(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    name: str,
    says: dict[str, str] | None,
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING,
) -> None:
    """Show an issue that nobody can confirm; ``None``: there is no reason for it."""
    issue_id = _issue_id(entry, name)
    if says is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=severity,
        translation_key=name,
        translation_placeholders=says,
    )


@callback
def async_ask_for_first_real_run(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry
) -> None:
    """Show what is pending before the first real run, to be confirmed."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry, _FIRST_REAL_RUN),
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_FIRST_REAL_RUN,
        translation_placeholders=_pending(entry),
        data={"entry_id": entry.entry_id, "suspicion": _FIRST_REAL_RUN},
    )


@callback
def async_update_rules_issue(
    hass: HomeAssistant, entry: OxiCleanarrConfigEntry, rules: RetentionRules
) -> None:
    """Show an issue for as long as there are user rules but no Seerr."""
    names = [
        rule.name
        for rule in rules.advanced
        if isinstance(rule, UserRule) and rule.enabled
    ]
    issue_id = _issue_id(entry, _USER_RULES)
    if not names or rules.seerr:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    address = async_get_loaded_integration(hass, DOMAIN).documentation
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        learn_more_url=f"{address}/blob/main/docs/radarr-sonarr-seerr.md",
        severity=ir.IssueSeverity.WARNING,
        translation_key=_USER_RULES,
        translation_placeholders={
            "title": plain(entry.title),
            "rules": plain(", ".join(names)),
        },
    )


@callback
def async_delete_issues(hass: HomeAssistant, entry: OxiCleanarrConfigEntry) -> None:
    """Remove all issues of an entry that is unloaded."""
    for name in (
        *Suspicion,
        _LEDGER_FAILED,
        _DATES_AHEAD,
        _COLLECTION_TAKEN,
        _FIRST_REAL_RUN,
        _USER_RULES,
    ):
        ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, name))


def _issue_id(entry: OxiCleanarrConfigEntry, name: str) -> str:
    """Return the id of an issue of a config entry."""
    return f"{name}_{entry.entry_id}"


def _placeholders(entry: OxiCleanarrConfigEntry, finding: Finding) -> dict[str, str]:
    """Return what a finding says, and what would go next."""
    words = entry.runtime_data.words
    lines = [
        f"- {f'{plain(one.name)}: ' if one.name else ''}{words.number(one.before)} → {words.number(one.now)}"
        for one in finding.changes[:_NAMED]
    ]
    if len(finding.changes) > _NAMED:
        lines.append(f"- … (+{len(finding.changes) - _NAMED})")
    return {
        "before": words.number(finding.before),
        "now": words.number(finding.now),
        "changes": "\n".join(lines),
        "due": _named(entry.runtime_data.keeper.due),
    }


def _pending(entry: OxiCleanarrConfigEntry) -> dict[str, str]:
    """Return all that is pending, with dates, for a person."""
    plan = entry.runtime_data.data.plan
    words = entry.runtime_data.words
    entries = sorted(plan.entries, key=lambda one: one.due_at) if plan else []
    lines = [
        f"- {local_day(words, one.due_at)}: {plain(_title(one))} ({_size([one], words)})"
        for one in entries[:_PENDING_NAMED]
    ]
    if len(entries) > _PENDING_NAMED:
        lines.append(f"- … (+{len(entries) - _PENDING_NAMED})")
    return {
        "total": f"{words.counted('titles', len(entries))} ({_size(entries, words)})",
        "pending": "\n".join(lines) or words.text("nothing_pending_yet"),
    }


def _title(entry: PlannedDeletion) -> str:
    """Return what to call a title."""
    return f"{entry.series}: {entry.title}" if entry.series else entry.title


def _size(entries: Sequence[PlannedDeletion], words: Words) -> str:
    """Return how big titles are together, as far as it is known."""
    known = [one.size_bytes for one in entries if one.size_bytes is not None]
    if entries and not known:
        return words.text("size_unknown")
    return words.gigabytes(sum(known))


def _ready(entry: OxiCleanarrConfigEntry) -> str:
    """Return what is ready to delete now, or when the first title is."""
    ready = entry.runtime_data.keeper.due
    words = entry.runtime_data.words
    if ready:
        total = f"{words.counted('titles', len(ready))}, {_size(ready, words)}"
        return f"{words.text('ready_now', total=total)}\n\n{_named(ready)}"
    plan = entry.runtime_data.data.plan
    if plan is None or not plan.entries:
        return words.text("nothing_pending")
    first = min(plan.entries, key=lambda one: one.due_at)
    return words.text("nothing_ready", date=local_day(words, first.due_at))


def _named(entries: Sequence[PlannedDeletion]) -> str:
    """Return titles of entries as a list for a person."""
    return _listed([entry.title for entry in entries]) or "- –"


def _listed(titles: Sequence[str]) -> str:
    """Return titles as a list for a person."""
    lines = [f"- {plain(title)}" for title in titles[:_NAMED]]
    if len(titles) > _NAMED:
        lines.append(f"- … (+{len(titles) - _NAMED})")
    return "\n".join(lines)


class _ConfirmFlow(RepairsFlow):
    """Shows what there is to see, and goes on once somebody has seen it."""

    def __init__(self, entry: OxiCleanarrConfigEntry) -> None:
        """Remember the entry."""
        self.entry = entry

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Go on, or show what there is to see."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if self.entry.state is not ConfigEntryState.LOADED:
                return self.async_abort(reason="not_loaded")
            try:
                await self._async_go_on()
            except HomeAssistantError as err:
                if err.translation_key != "finding_changed":
                    return self.async_abort(
                        reason="failed", description_placeholders={"error": str(err)}
                    )
                errors["base"] = "changed"
            else:
                return await self._async_end()
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema({}),
            description_placeholders=self._shown(),
            errors=errors,
        )

    def _shown(self) -> dict[str, str] | None:
        """Return what is shown, and remember that it is."""
        issue = ir.async_get(self.hass).async_get_issue(self.handler, self.issue_id)
        return issue.translation_placeholders if issue else None

    async def _async_go_on(self) -> None:
        """Do what was confirmed."""
        raise NotImplementedError

    async def _async_end(self) -> RepairsFlowResult:
        """Return what follows."""
        return self.async_create_entry(data={})


class LiftFlow(_ConfirmFlow):
    """Lifts one finding of the breaker, as it was shown, and no other."""

    def __init__(self, entry: OxiCleanarrConfigEntry, suspicion: Suspicion) -> None:
        """Remember what kind of finding it is."""
        super().__init__(entry)
        self.suspicion = suspicion
        self._identity = ""

    @override
    def _shown(self) -> dict[str, str] | None:
        """Return what the finding says now, and remember which one that is."""
        if self.entry.state is ConfigEntryState.LOADED:
            for finding in self.entry.runtime_data.data.findings:
                if finding.suspicion is self.suspicion:
                    self._identity = finding.identity
                    return _placeholders(self.entry, finding)
        return super()._shown()

    @override
    async def _async_go_on(self) -> None:
        """Lift the finding."""
        coordinator = self.entry.runtime_data
        try:
            await coordinator.async_asked(coordinator.keeper.lift(self._identity))
        except HomeAssistantError:
            # What has gone by itself meanwhile needs no confirmation.
            if any(
                one.suspicion is self.suspicion for one in coordinator.data.findings
            ):
                raise


class FirstRealRunFlow(_ConfirmFlow):
    """Switches dry run off for the first time, over a list of what is pending."""

    _seen: Mapping[str, datetime]
    """When the titles that were shown are due, by their ids."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Refuse where there is nothing to look at; nobody can agree to that."""
        if self.entry.state is ConfigEntryState.LOADED:
            plan = self.entry.runtime_data.data.plan
            if plan is None:
                return self.async_abort(reason="never_synced")
            if not plan.entries:
                return self.async_abort(reason="nothing_pending")
        return await super().async_step_confirm(user_input)

    @override
    def _shown(self) -> dict[str, str] | None:
        """Return what is pending now."""
        if self.entry.state is ConfigEntryState.LOADED:
            self._seen = self._due_days()
            return _pending(self.entry)
        return super()._shown()

    def _due_days(self) -> dict[str, datetime]:
        """Return when what is pending now is due, by the ids of the titles."""
        plan = self.entry.runtime_data.data.plan
        return {one.item_id: one.due_at for one in plan.entries} if plan else {}

    @override
    async def _async_go_on(self) -> None:
        """Switch dry run off, and remember that somebody confirmed it.

        Raises HomeAssistantError if there is more to see than was shown.
        """
        for item_id, due_at in self._due_days().items():
            if item_id not in self._seen or due_at < self._seen[item_id]:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="finding_changed"
                )
        self.hass.config_entries.async_update_entry(
            self.entry,
            options={**self.entry.options, CONF_DRY_RUN: False, CONF_REAL_RUNS: True},
        )

    @override
    async def _async_end(self) -> RepairsFlowResult:
        """Go on to the run. The issue is settled, however this ends."""
        ir.async_delete_issue(self.hass, DOMAIN, self.issue_id)
        return await self.async_step_next()

    async def async_step_next(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what is deleted when, and ask how to go on."""
        if self.entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        ready = self.entry.runtime_data.keeper.due
        return self.async_show_menu(
            step_id="next",
            menu_options=[*(["delete"] if ready else []), "automatic", "finish"],
            description_placeholders={"ready": _ready(self.entry)},
        )

    async def async_step_delete(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Delete what is ready, and say what came of it."""
        if self.entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        try:
            report = await self.entry.runtime_data.async_asked(
                self.entry.runtime_data.keeper.delete(None, dry_run=False)
            )
        except HomeAssistantError as err:
            return self.async_abort(
                reason="failed", description_placeholders={"error": str(err)}
            )
        words = self.entry.runtime_data.words
        return self.async_abort(
            reason="deleted",
            description_placeholders={
                "deleted": words.counted("titles", len(report.deleted)),
                "size": words.gigabytes(report.taken_bytes),
                "stayed": words.counted(
                    "titles", len(report.skipped) + len(report.failed)
                ),
            },
        )

    async def async_step_automatic(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Turn automatic deletion on."""
        self.hass.config_entries.async_update_entry(
            self.entry, options={**self.entry.options, CONF_AUTOMATIC_DELETION: True}
        )
        return self.async_create_entry(data={})

    async def async_step_finish(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Leave it at that."""
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any]
) -> RepairsFlow:
    """Return the flow that shows an issue and lifts it."""
    entry: OxiCleanarrConfigEntry = hass.config_entries.async_get_known_entry(
        data["entry_id"]
    )
    if data["suspicion"] == _FIRST_REAL_RUN:
        return FirstRealRunFlow(entry)
    return LiftFlow(entry, Suspicion(data["suspicion"]))
