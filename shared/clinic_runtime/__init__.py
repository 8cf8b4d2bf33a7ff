"""What every ClinicOps process stands on: database, outbox, events, RPC, clock, logs."""
