"""When time alone changes what the ledger says, as far as a plan rests on it."""

from datetime import datetime, timedelta
import sqlite3

from .database import from_ms, to_ms
from .inventory import GONE_USERS_COUNT


def next_moment(connection: sqlite3.Connection, now: datetime) -> datetime | None:
    """Return when something that holds now will have had its time; ``None``: never.

    That is a keep or an approval with an end, and what users still protect who are
    gone, or favorites that cannot be seen any more.
    """
    moments = [
        from_ms(at) + lasts
        for query, lasts in (
            ("SELECT min(until) FROM keeps WHERE until > ?", timedelta()),
            ("SELECT min(until) FROM approvals WHERE until > ?", timedelta()),
            (
                "SELECT min(gone_since) FROM users WHERE gone_since > ?",
                GONE_USERS_COUNT,
            ),
            ("SELECT min(lost_at) FROM favorites WHERE lost_at > ?", GONE_USERS_COUNT),
        )
        for (at,) in connection.execute(query, (to_ms(now - lasts),))
        if at is not None
    ]
    return min(moments, default=None)
