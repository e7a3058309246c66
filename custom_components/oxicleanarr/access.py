"""Who may do what: anybody may protect, only admins may bring a deletion nearer.

A call without a user comes from an automation, which an admin has written.
"""

from typing import Unpack

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from .const import DOMAIN
from .errors import Translated
from .household import Asker
from .language import async_words

_LONGEST_NAME = 100


class NotAllowed(Unauthorized):
    """A user asks for what only an admin may do, and is told what that is."""

    def __init__(
        self, context: Context | None = None, **translation: Unpack[Translated]
    ) -> None:
        """Take the call's context and the message."""
        super().__init__(context=context)
        HomeAssistantError.__init__(self, **translation)


async def async_asker(hass: HomeAssistant, context: Context | None) -> Asker:
    """Return who asks; a user whom Home Assistant doesn't know is no admin."""
    words = async_words(hass)
    if context is None or context.user_id is None:
        return Asker(name=words.text("an_automation"))
    user = await hass.auth.async_get_user(context.user_id)
    return Asker(
        user_id=context.user_id,
        admin=user is not None and user.is_active and user.is_admin,
        name=((user.name if user else None) or words.text("somebody"))[:_LONGEST_NAME],
    )


async def async_require_admin(hass: HomeAssistant, context: Context | None) -> None:
    """Raise NotAllowed unless an admin or an automation asks."""
    if not (await async_asker(hass, context)).admin:
        raise NotAllowed(
            context,
            translation_domain=DOMAIN,
            translation_key="admins_only",
            translation_placeholders={},
        )
