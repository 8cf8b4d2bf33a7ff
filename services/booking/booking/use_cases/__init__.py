"""What booking does: visits (``appointments``), their ``lists``, the ``settings`` they need."""
