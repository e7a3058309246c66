"""How the ids of Jellystat's rows are stored: what is a UUID takes sixteen bytes."""


def pack(event_id: str) -> str | bytes:
    """Return an id as it is stored: what is a UUID as its bytes, else as it is."""
    if len(event_id) == 36:
        try:
            packed = bytes.fromhex(event_id.replace("-", ""))
        except ValueError:
            return event_id
        # The same bytes may be written in another way, and are another id then.
        if unpack(packed) == event_id:
            return packed
    return event_id


def unpack(stored: str | bytes) -> str:
    """Return an id as Jellystat gave it."""
    if isinstance(stored, str):
        return stored
    one = stored.hex()
    return f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"
