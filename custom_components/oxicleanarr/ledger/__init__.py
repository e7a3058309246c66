"""What is remembered: one SQLite file for each config entry, and no network."""

from .batch import Committed, SyncBatch
from .brought_back import DeletedTitle, Return, ReturnState
from .census import ALL, Census, InventoryCounts, Question
from .copies import Copy, Unclear, copies_among, versions_changed, watchers
from .database import LedgerDamaged, LedgerError, LedgerTooNew, to_ms
from .facts import Remembered
from .journal import ArrDeletion, DeletionOutcome, GoneTitle, JournalEntry, Spent
from .ledger import Ledger, OpenedLedger, open_ledger
from .names import SeveralTitlesError
from .owned import Source
from .paths import file_name, folder_of
from .plays import PlayMemory, remember
from .state import LedgerState
from .wishes import Scheduled

__all__ = [
    "ALL",
    "ArrDeletion",
    "Census",
    "Committed",
    "Copy",
    "DeletedTitle",
    "DeletionOutcome",
    "GoneTitle",
    "InventoryCounts",
    "JournalEntry",
    "Ledger",
    "LedgerDamaged",
    "LedgerError",
    "LedgerState",
    "LedgerTooNew",
    "OpenedLedger",
    "PlayMemory",
    "Question",
    "Remembered",
    "Return",
    "ReturnState",
    "Scheduled",
    "SeveralTitlesError",
    "Source",
    "Spent",
    "SyncBatch",
    "Unclear",
    "copies_among",
    "file_name",
    "folder_of",
    "open_ledger",
    "remember",
    "to_ms",
    "versions_changed",
    "watchers",
]
