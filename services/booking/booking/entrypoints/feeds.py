"""Practitioners' busy times for their own calendars."""

from booking.calendars import calendar_of
from booking.entrypoints.base import Entrypoints
from booking.use_cases import feeds
from clinic_contracts.booking import feeds as f
from clinic_contracts.booking import operations as op
from clinic_contracts.context import CallContext
from clinic_runtime.rpc import command


class Feeds(Entrypoints):
    """Calendar feeds: opened, listed, revoked and read."""

    @command(op.OPEN_FEED)
    def open_feed(self, request: f.OpenFeed, context: CallContext) -> f.OpenedFeed:
        """Open a feed."""
        return feeds.open_feed(request, self._desk(context))

    @command(op.LIST_FEEDS)
    def list_feeds(self, request: f.ListFeeds, context: CallContext) -> f.FeedPage:
        """Return a practitioner's feeds."""
        return feeds.list_feeds(request, self._desk(context))

    @command(op.REVOKE_FEED)
    def revoke_feed(self, request: f.RevokeFeed, context: CallContext) -> f.FeedRevoked:
        """End a feed."""
        return feeds.revoke_feed(request, self._desk(context))

    @command(op.READ_FEED)
    def read_feed(self, request: f.ReadFeed, context: CallContext) -> f.FeedCalendar:
        """Return the calendar at a secret address."""
        return calendar_of(feeds.read_feed(request, self._desk(context)))
