"""gateway: the HTTP front door."""
