"""client_profile: clients, coverages and consents."""
