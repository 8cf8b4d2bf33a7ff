"""One class per resource; the service is all of them."""
