"""What is remembered by name."""

from custom_components.oxicleanarr.ledger import Ledger


def test_the_breaker_is_remembered(ledger: Ledger) -> None:
    """As it was given."""
    assert ledger.breaker_state() is None
    ledger.set_breaker_state({"findings": [1]})
    assert ledger.breaker_state() == {"findings": [1]}
