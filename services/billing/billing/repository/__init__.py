"""Billing's documents: collections and indexes, the books within a transaction, lists, proof."""

from billing.repository.books import MongoBooks, transact
from billing.repository.collections import OUTBOXES, ensure, keep
from billing.repository.reading import LeftPayment, page, take_left_payment, view_of
from billing.repository.verification import findings

__all__ = [
    "OUTBOXES",
    "LeftPayment",
    "MongoBooks",
    "ensure",
    "findings",
    "keep",
    "page",
    "take_left_payment",
    "transact",
    "view_of",
]
