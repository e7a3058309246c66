"""Switches: dry run and automatic deletion, the two locks on the trigger; and rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .access import async_require_admin
from .const import CONF_AUTOMATIC_DELETION, CONF_DRY_RUN, DOMAIN, SUBENTRY_RULE
from .coordinator import OxiCleanarrConfigEntry, OxiCleanarrCoordinator
from .entity import OxiCleanarrEntity, rule_device
from .repairs import async_ask_for_first_real_run
from .settings import Settings

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class OxiCleanarrSwitchDescription(SwitchEntityDescription):
    """A switch of the options; its key is the option's."""

    is_on_fn: Callable[[Settings], bool]
    nearer: bool
    """The position that brings deletions nearer, which only admins may choose."""


SWITCHES = (
    OxiCleanarrSwitchDescription(
        key=CONF_DRY_RUN,
        entity_category=EntityCategory.CONFIG,
        is_on_fn=lambda settings: settings.dry_run,
        nearer=False,
    ),
    OxiCleanarrSwitchDescription(
        key=CONF_AUTOMATIC_DELETION,
        entity_category=EntityCategory.CONFIG,
        is_on_fn=lambda settings: settings.automatic_deletion,
        nearer=True,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: OxiCleanarrConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches; those of rules come and go with them."""
    coordinator = entry.runtime_data
    async_add_entities(
        OxiCleanarrSwitch(coordinator, description) for description in SWITCHES
    )
    titles: dict[str, str] = {}

    @callback
    def async_follow_rules() -> None:
        """Add the switches of new rules; Home Assistant removes those of old ones."""
        rules = {
            subentry.subentry_id: subentry
            for subentry in entry.get_subentries_of_type(SUBENTRY_RULE)
        }
        for subentry_id, subentry in rules.items():
            title = titles.get(subentry_id)
            if title is None:
                async_add_entities(
                    [RuleSwitch(hass, coordinator, subentry)],
                    config_subentry_id=subentry_id,
                )
            elif title != subentry.title:
                # The entity is called what its device is called.
                dr.async_get(hass).async_get_or_create(
                    config_entry_id=entry.entry_id,
                    config_subentry_id=subentry_id,
                    **rule_device(hass, entry, subentry),
                )
        titles.clear()
        titles.update({one: subentry.title for one, subentry in rules.items()})

    async_follow_rules()
    entry.async_on_unload(coordinator.async_add_listener(async_follow_rules))


class OxiCleanarrSwitch(OxiCleanarrEntity, SwitchEntity):
    """An option that can be switched at any time, whether the servers answer or not."""

    entity_description: OxiCleanarrSwitchDescription

    def __init__(
        self,
        coordinator: OxiCleanarrCoordinator,
        description: OxiCleanarrSwitchDescription,
    ) -> None:
        """Make the switch of a description."""
        super().__init__(coordinator, description.key)
        self.entity_description = description

    @property
    @override
    def is_on(self) -> bool:
        """Return what is in force: not what was asked for, but what is acted upon."""
        return self.entity_description.is_on_fn(self.coordinator.settings)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn the option on."""
        await self._async_check(True)
        self._async_set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn the option off; the first real run has to be looked at before."""
        await self._async_check(False)
        if self.entity_description.key == CONF_DRY_RUN:
            self._async_confirm()
        self._async_set(False)

    async def _async_check(self, value: bool) -> None:
        """Raise NotAllowed if somebody asks who may not choose this position."""
        if value is self.entity_description.nearer:
            await async_require_admin(self.hass, self._context)

    def _async_confirm(self) -> None:
        """Ask to look at what the first real run would delete, if nobody has."""
        if self.coordinator.settings.real_runs_confirmed:
            return
        async_ask_for_first_real_run(self.hass, self.coordinator.config_entry)
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="confirm_first_real_run"
        )

    def _async_set(self, value: bool) -> None:
        """Store the option; the entry's listener hands it on before this returns."""
        entry = self.coordinator.config_entry
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, self.entity_description.key: value}
        )
        self.async_write_ha_state()


class RuleSwitch(OxiCleanarrEntity, SwitchEntity):
    """Whether a rule is asked at all."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_name = None

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: OxiCleanarrCoordinator,
        subentry: ConfigSubentry,
    ) -> None:
        """Make the switch of a rule."""
        super().__init__(
            coordinator, f"rule_{subentry.subentry_id}", translation_key="rule"
        )
        self._subentry_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            **rule_device(hass, coordinator.config_entry, subentry)  # type: ignore[typeddict-item]
        )

    @property
    @override
    def available(self) -> bool:
        """Return that it can always be switched, as long as the rule is there."""
        return self._subentry_id in self.coordinator.config_entry.subentries

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the rule is asked."""
        subentry = self.coordinator.config_entry.subentries[self._subentry_id]
        return bool(subentry.data["enabled"])

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the rule be asked."""
        await async_require_admin(self.hass, self._context)
        self._async_set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let the rule be passed over; that can let a title go that it keeps."""
        await async_require_admin(self.hass, self._context)
        self._async_set(False)

    def _async_set(self, value: bool) -> None:
        """Store it in the rule; the entry's listener hands it on before this returns."""
        entry = self.coordinator.config_entry
        subentry = entry.subentries[self._subentry_id]
        self.hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, "enabled": value}
        )
        self.async_write_ha_state()
