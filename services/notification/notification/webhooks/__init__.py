"""Signed webhooks: a clinic's own programs are told of events, in ids alone."""
