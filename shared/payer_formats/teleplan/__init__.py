"""Teleplan: the fixed-width records of BC's Medical Services Plan, and of WorkSafeBC through it.

``submission`` writes a claim batch, ``reading`` is the one door for what comes back, ``replies``
is the payer's side of both. Columns stand in ``records`` alone.
"""
