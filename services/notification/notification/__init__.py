"""notification: messages to clients, decided at send time."""
