"""Who sees a title: asked of Jellyfin for those that it decides."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
import logging

from ..ledger import Ledger
from ..servers import Jellyfin, ServerError

_LOGGER = logging.getLogger(__name__)

_MOST_TITLES = 100
"""About how many titles is asked after each sync."""


async def learn_sights(
    ledger: Ledger,
    jellyfin: Jellyfin,
    questions: Mapping[str, Collection[str]] | None,
    now: datetime,
) -> bool:
    """Learn whether users (ids) see titles (by item id); return whether that is news.

    Without questions it matters to nobody.
    What is known since the last full sync is not asked for again. That somebody does
    not see a title is believed only while somebody who sees everything sees it: any
    404 looks alike. Raises LedgerError; a server that fails leaves it unknown.
    """
    if questions is None:
        return False
    wanted = await asyncio.to_thread(ledger.sights_to_ask, questions)
    if not wanted:
        return False
    witness = next(
        (
            user.user_id
            for user in await asyncio.to_thread(ledger.users)
            if user.sight == "" and user.library_ids is None
        ),
        None,
    )
    answers: list[tuple[str, str, bool | None]] = []
    for number, (item_id, users) in enumerate(wanted.items()):
        sees: dict[str, bool | None] = dict.fromkeys(users)
        if witness is not None and number < _MOST_TITLES:
            try:
                sees = {one: await jellyfin.sees(one, item_id) for one in users}
                if not await jellyfin.sees(witness, item_id):
                    sees = dict.fromkeys(users)
            except ServerError as err:
                _LOGGER.debug("It is not known who sees a title: %s", err)
                sees = dict.fromkeys(users)
        answers += [(item_id, one, answer) for one, answer in sees.items()]
    await asyncio.to_thread(ledger.store_sights, answers, now)
    return True
