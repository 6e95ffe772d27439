"""
What no vendor's API can tell, kept in a database: SQLite beside the configuration, PostgreSQL for teams.

The live system is the truth; losing this never makes a plan wrong, only less informed. SQL stays in this folder.
"""
