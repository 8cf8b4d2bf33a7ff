"""A second opinion on files, by libraries that others trust, in a process of its own.

pyx12 on the structure of X12, fhir.resources on FHIR's: both are large, slow and print, so neither
is ever imported into the service. What they do not look at (money, pointers, numbers, dates of
codes) is ``payer_formats``' own business; what they say never replaces it.
"""
