"""HTTP itself: connections, bodies, conditions, answers. It knows no clinic and no account."""
