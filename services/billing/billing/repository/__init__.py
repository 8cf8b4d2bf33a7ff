"""Billing's documents: collections and indexes, the books, records to read, the proof."""

from billing.repository.books import transact
from billing.repository.card_events import (
    is_card_event_taken,
    keep_card_event,
    payment_under_way,
    refund_under_way,
)
from billing.repository.claim_records import MongoClaimRecords
from billing.repository.collections import KEPT, OUTBOXES, PROJECTIONS, counts, ensure, keep
from billing.repository.day_closes import DayCloseRecords
from billing.repository.eligibility import EligibilityRecords
from billing.repository.pay import PayRecords
from billing.repository.prepaid import PrepaidRecords, expired
from billing.repository.records import MongoRecords, take_left_payment, take_left_refund, view_of
from billing.repository.reports import ReportRecords
from billing.repository.statements import StatementRecords
from billing.repository.verification import findings

__all__ = [
    "KEPT",
    "OUTBOXES",
    "PROJECTIONS",
    "DayCloseRecords",
    "EligibilityRecords",
    "MongoClaimRecords",
    "MongoRecords",
    "PayRecords",
    "PrepaidRecords",
    "ReportRecords",
    "StatementRecords",
    "counts",
    "ensure",
    "expired",
    "findings",
    "is_card_event_taken",
    "keep",
    "keep_card_event",
    "payment_under_way",
    "refund_under_way",
    "take_left_payment",
    "take_left_refund",
    "transact",
    "view_of",
]
