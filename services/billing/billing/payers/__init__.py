"""How each payer is spoken to: who they are, in which tongue, by which way."""
