"""The calls by which the system is operated: queues, parked events, the feed of all events."""
