"""What billing does: ``invoicing``, ``paying``, and ``records`` to read."""
