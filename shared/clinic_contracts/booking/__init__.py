"""booking: locations, practitioners, treatments, availability and appointments."""
