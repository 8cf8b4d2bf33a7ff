"""The operations of the notification service."""

from clinic_contracts.notification import letters
from clinic_contracts.notification import requests as r
from clinic_contracts.notification import webhooks as w
from clinic_contracts.operations import Operation, verify_of

LIST_MESSAGES = Operation("notification", "list_messages", r.ListMessages, r.MessagePage)
SEND_ACCOUNT_LETTER = Operation(
    "notification",
    "send_account_letter",
    letters.SendAccountLetter,
    letters.AccountLetterSent,
)
CREATE_WEBHOOK_ENDPOINT = Operation(
    "notification", "create_webhook_endpoint", w.CreateWebhookEndpoint, w.WebhookSecretView
)
LIST_WEBHOOK_ENDPOINTS = Operation(
    "notification", "list_webhook_endpoints", w.ListWebhookEndpoints, w.WebhookEndpointList
)
DELETE_WEBHOOK_ENDPOINT = Operation(
    "notification", "delete_webhook_endpoint", w.DeleteWebhookEndpoint, w.WebhookEndpointDeleted
)
ROTATE_WEBHOOK_SECRET = Operation(
    "notification", "rotate_webhook_secret", w.RotateWebhookSecret, w.WebhookSecretView
)
LIST_WEBHOOK_DELIVERIES = Operation(
    "notification", "list_webhook_deliveries", w.ListWebhookDeliveries, w.WebhookDeliveryPage
)
REDELIVER_WEBHOOK = Operation(
    "notification", "redeliver_webhook", w.RedeliverWebhook, w.WebhookDeliveryView
)
VERIFY = verify_of("notification")
