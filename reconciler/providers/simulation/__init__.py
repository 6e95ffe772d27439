"""
What the vendors' simulators share: open points, faults, bodies, snapshots, reads that lag.

No rule of any vendor is here; those live in `providers/VENDOR/simulator/`.
"""
