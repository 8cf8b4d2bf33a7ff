"""A payer to try claims against: it accepts, pends, denies, pays short, takes back, answers late.

What it does to a claim is told by the end of the policy's number, in Teleplan by the end of the
claim's comment, so that whoever integrates can ask for each case; other claims are paid, most of
them. See ``behaviour.SCENARIOS``.
"""
