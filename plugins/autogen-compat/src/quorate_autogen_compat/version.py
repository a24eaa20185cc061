"""Which AutoGen this is the face of."""

__version__ = "0.2.40"
"""The release whose surface is kept; programs compare it. The distribution's own version is in its metadata."""
