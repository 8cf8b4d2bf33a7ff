"""What billing does: a module per piece of work, and ``records`` to read."""
