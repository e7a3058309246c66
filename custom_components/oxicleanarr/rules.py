"""The rules of a config entry: how they are stored, imported and renamed."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .cleanup import rule_name
from .const import SUBENTRY_RULE
from .model import Reason
from .retention import (
    STANDARD,
    ImportedRules,
    RetentionRules,
    Rule,
    RuleErrors,
    rule_from_mapping,
    rule_to_mapping,
    rule_type,
    standard_to_mapping,
)
from .settings import RULE_OPTIONS, Settings, in_order, stored_rules
from .words import Words


def unique_id(name: str) -> str:
    """Return the unique id of a rule's subentry, which makes names unique."""
    return f"rule_{name.casefold()}"


def name_is_taken(
    entry: ConfigEntry, name: str, subentry_id: str | None = None
) -> bool:
    """Return whether a rule other than that of the given subentry has a name."""
    return any(
        subentry.unique_id == unique_id(name)
        for subentry in entry.subentries.values()
        if subentry.subentry_id != subentry_id
    )


def new_subentry(rule: Rule) -> ConfigSubentry:
    """Return a subentry for a rule."""
    return ConfigSubentry(
        data=MappingProxyType(rule_to_mapping(rule)),
        subentry_type=SUBENTRY_RULE,
        title=rule.name,
        unique_id=unique_id(rule.name),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChanges:
    """All that an import changes, worked out before anything is."""

    rules: RetentionRules
    """The rules as they will be."""
    added: tuple[str, ...]
    updated: tuple[str, ...]
    """Names of rules, and that of the default retention."""
    removed: tuple[str, ...]
    ignored: tuple[Reason, ...]
    """What in the text has no effect here."""
    notes: tuple[Reason, ...]
    """What in the text means something else in OxiCleanarr."""
    options: dict[str, Any]
    drop: tuple[str, ...]
    """Ids of subentries."""
    update: tuple[tuple[str, Rule], ...]
    create: tuple[Rule, ...]


def import_changes(
    entry: ConfigEntry, imported: ImportedRules, words: Words, *, replace: bool
) -> RuleChanges:
    """Return what an import changes: rules are added, or updated by their names.

    With ``replace`` the rules that are not in the text are removed, unless it has no
    part for rules at all.
    """
    stored = stored_rules(entry)
    texts = imported.rules.advanced
    by_name = {rule.name.casefold(): rule for rule in texts}
    known = {rule.name.casefold(): rule for rule in stored.values()}
    replace = replace and imported.has_advanced
    gone = {
        subentry_id
        for subentry_id, rule in stored.items()
        if replace and rule.name.casefold() not in by_name
    }
    # A subentry keeps its place, whatever becomes of its rule.
    slots: list[tuple[str | None, Rule]] = []
    placed: set[str] = set()
    for subentry_id, rule in stored.items():
        name = rule.name.casefold()
        new = by_name.get(name)
        if new is None:
            if subentry_id not in gone:
                slots.append((subentry_id, rule))
        else:
            slots.append((subentry_id, new))
            placed.add(name)
    slots += [(None, rule) for name, rule in by_name.items() if name not in placed]
    if _asked(rule for _, rule in slots if rule.name.casefold() in by_name) != _asked(
        texts
    ):
        # The first rule that matches decides: their order has to be that of the text.
        slots = [slot for slot in slots if slot[1].name.casefold() not in by_name]
        slots += [(None, rule) for rule in texts]
    remaining = {subentry_id for subentry_id, _ in slots}

    options = dict(entry.options)
    if imported.has_standard:
        options = {k: v for k, v in options.items() if k not in RULE_OPTIONS}
        options |= standard_to_mapping(imported.rules.standard)
    before = Settings.from_entry(entry).rules
    after = Settings.from_options(
        options, (rule for _, rule in slots), seerr=before.seerr
    ).rules
    updated = [
        rule.name
        for rule in texts
        if (old := known.get(rule.name.casefold())) is not None and old != rule
    ]
    if after.standard != before.standard:
        updated.insert(0, rule_name(STANDARD, words))
    return RuleChanges(
        rules=after,
        added=tuple(r.name for r in texts if r.name.casefold() not in known),
        updated=tuple(updated),
        removed=tuple(
            stored[subentry_id].name for subentry_id in stored if subentry_id in gone
        ),
        ignored=imported.ignored,
        notes=imported.notes,
        options=options,
        drop=tuple(one for one in stored if one not in remaining),
        update=tuple((i, rule) for i, rule in slots if i and stored[i] != rule),
        create=tuple(rule for i, rule in slots if i is None),
    )


def _asked(rules: Iterable[Rule]) -> list[str]:
    """Return the names of rules in the order in which they are asked."""
    chain = sorted(in_order(rules), key=rule_type)
    return [rule.name.casefold() for rule in chain]


@callback
def async_apply_changes(
    hass: HomeAssistant, entry: ConfigEntry, changes: RuleChanges
) -> None:
    """Change the rules of a config entry, all at once."""
    entries = hass.config_entries
    for subentry_id in changes.drop:
        entries.async_remove_subentry(entry, subentry_id)
    for subentry_id, rule in changes.update:
        async_update_rule(hass, entry, entry.subentries[subentry_id], rule)
    for rule in changes.create:
        entries.async_add_subentry(entry, new_subentry(rule))
    entries.async_update_entry(entry, options=changes.options)


@callback
def async_update_rule(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, rule: Rule
) -> None:
    """Store a changed rule in its subentry."""
    hass.config_entries.async_update_subentry(
        entry,
        subentry,
        data=rule_to_mapping(rule),
        title=rule.name,
        unique_id=unique_id(rule.name),
    )


@callback
def async_follow_titles(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Rename the rules whose subentries were renamed by Home Assistant's own means.

    A name that a rule cannot have is taken back.
    """
    for subentry in entry.get_subentries_of_type(SUBENTRY_RULE):
        data = subentry.data
        if subentry.title == data["name"]:
            continue
        rule = rule_from_mapping(data["type"], data)
        try:
            renamed = rule_from_mapping(data["type"], {**data, "name": subentry.title})
        except RuleErrors:
            renamed = rule
        if name_is_taken(entry, renamed.name, subentry.subentry_id):
            renamed = rule
        async_update_rule(hass, entry, subentry, renamed)
