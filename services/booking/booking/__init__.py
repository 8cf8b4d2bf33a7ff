"""booking: locations, practitioners, treatments, availability, appointments."""
