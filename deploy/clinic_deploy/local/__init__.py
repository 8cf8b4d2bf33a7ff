"""Private infrastructure on this machine: database, broker, mail, the services."""
