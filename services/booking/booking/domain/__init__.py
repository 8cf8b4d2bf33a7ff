"""The rules of booking: wall time, availability, the life of an appointment."""
