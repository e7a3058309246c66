"""Who has watched a title, and what those are called who asked for it."""

from custom_components.oxicleanarr.model import Requester
from custom_components.oxicleanarr.retention import requesters_named

from .builders import ALICE, BOB, CAROL, USERS


def test_what_requesters_are_called() -> None:
    """As in Jellyfin, else as in Seerr: by a name, by an address, or not at all."""
    requesters = [
        Requester(user_id=CAROL, names=frozenset({"Caroline"}), email="c@x.y"),
        Requester(user_id="gone", names=frozenset({"zoe", "Xi"}), email="x@x.y"),
        Requester(names=frozenset({"eve"}), email="e@x.y"),
        Requester(user_id="gone", email="d@x.y"),
        Requester(email="a@x.y"),
        Requester(request_user_id=7),
        Requester(email=""),
    ]
    assert requesters_named(requesters, USERS) == (
        "Xi",
        "a@x.y",
        "carol",
        "d@x.y",
        "eve",
    )
    assert requesters_named([], USERS) == ()


def test_requesters_of_one_name_are_named_once() -> None:
    """In the order of the alphabet, whoever asked first."""
    requesters = [
        Requester(user_id=ALICE),
        Requester(user_id=BOB),
        Requester(names=frozenset({"alice"})),
    ]
    for some in (requesters, requesters[::-1]):
        assert requesters_named(iter(some), USERS) == ("Bob", "alice")
