"""What broker and database hold before the first service starts: accounts, each for its own."""
