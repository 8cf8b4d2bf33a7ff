"""What booking answers, a file per resource. Entrypoints translate; the use cases decide."""
