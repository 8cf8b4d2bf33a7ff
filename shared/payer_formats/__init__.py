"""What payers' systems say and hear, in their own tongues: X12, FHIR, Teleplan.

One model of a claim, an acknowledgement and a remittance; a folder for each tongue that writes the
model to a file and reads a file into it. Nothing here knows a service, a database or a broker, and
nothing here raises because of what a file holds: reading answers with ``Finding``s.
"""
