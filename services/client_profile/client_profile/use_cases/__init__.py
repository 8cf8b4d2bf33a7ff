"""What client_profile does: clients with coverages and consents, their alerts, their referrals."""
