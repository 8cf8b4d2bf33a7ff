"""Three demo clinics and a day in them, through the public HTTP API."""
