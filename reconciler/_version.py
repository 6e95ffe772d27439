"""The version, alone in its module, so that `--version` needs nothing else."""

__version__ = "0.1.0"
