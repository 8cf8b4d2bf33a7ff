"""What ClinicOps services say to each other and to the world: events, requests, errors."""
