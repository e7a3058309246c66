"""What is remembered: one SQLite file for each config entry, and no network."""

from .batch import Committed, SyncBatch
from .database import LedgerDamaged, LedgerError, LedgerTooNew, to_ms
from .ledger import (
    ArrDeletion,
    DeletionOutcome,
    JournalEntry,
    Ledger,
    LedgerState,
    Remembered,
    Scheduled,
    open_ledger,
)
from .memory import PlayMemory, remember
from .owned import Source

__all__ = [
    "ArrDeletion",
    "Committed",
    "DeletionOutcome",
    "JournalEntry",
    "Ledger",
    "LedgerDamaged",
    "LedgerError",
    "LedgerState",
    "LedgerTooNew",
    "PlayMemory",
    "Remembered",
    "Scheduled",
    "Source",
    "SyncBatch",
    "open_ledger",
    "remember",
    "to_ms",
]
