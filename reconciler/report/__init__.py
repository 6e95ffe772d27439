"""Any value that the stages hand on, as text for people, as JSON for machines, and as a log."""
