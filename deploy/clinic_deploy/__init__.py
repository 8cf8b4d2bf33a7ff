"""Deploying ClinicOps: provisioning, the local runner and the demo day."""
