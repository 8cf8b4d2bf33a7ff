"""Teleplan: the fixed-width records of BC's Medical Services Plan, and of WorkSafeBC through it.

``submission`` writes a batch of claims, ``reading`` is the one door for what comes back;
``submitted`` and ``replies`` are the payer's side of both. Columns stand in ``records`` alone.
"""
