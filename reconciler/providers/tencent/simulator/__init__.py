"""
The vendor on our side of the wire: one machine for the rehearsal, the local server and the tests.

`machine.py` knows the rules, `dialect.py` what the vendor's pages leave open, `wire.py` HTTP. Nothing here shares code
with the client: a simulator that signs and decodes with the client's own functions could only agree with it. The rules'
comments name the action or data type of the vendor's reference that they come from (TCCC API 2020-02-10).
"""
