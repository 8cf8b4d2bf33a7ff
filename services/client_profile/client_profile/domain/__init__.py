"""What clients, their alerts and their referrals must be to make sense."""
