"""
The nouns that all stages share.

What one stage hands to the next is a value from here. Nothing in this folder reads a file, a clock or
the network, and nothing in it knows a vendor.
"""
