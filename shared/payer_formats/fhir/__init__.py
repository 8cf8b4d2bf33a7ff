"""FHIR R4B in JSON: claims and questions out, a payer's answers in, and a payer's side of both.

``reading.read_answers`` reads whatever a payer answers; ``claims_out`` and ``requests`` write what
a payer is sent; ``claims_in``, ``answering`` and ``outcomes`` are a payer's own side. Beneath them
are ``syntax`` (JSON without floats), ``element`` (a place in a document, and what is wrong there)
and ``references``.
"""
