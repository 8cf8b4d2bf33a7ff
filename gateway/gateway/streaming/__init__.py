"""Events as they happen: one reading of the journals, shown to everybody who follows."""
