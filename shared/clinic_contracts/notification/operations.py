"""The operations of the notification service."""

from clinic_contracts.notification import requests as r
from clinic_contracts.operations import Operation, verify_of

LIST_MESSAGES = Operation("notification", "list_messages", r.ListMessages, r.MessagePage)
VERIFY = verify_of("notification")
