"""Code lists that payers check claims against: codes alone, none of their licensed texts."""
