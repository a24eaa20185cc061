"""The tables of a journal. Rows are added and never changed, so that nothing recorded is lost."""

from __future__ import annotations

APPLICATION = 0x71756F72
"""SQLite's ``application_id`` of our files."""

SCHEMAS = (
    """
    CREATE TABLE run (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, began REAL NOT NULL);
    CREATE TABLE opening (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, began REAL NOT NULL, host TEXT, process INTEGER);
    CREATE TABLE closing (opening INTEGER PRIMARY KEY, ended REAL NOT NULL, error TEXT);
    CREATE TABLE part (digest TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE intent (
        id INTEGER PRIMARY KEY, run INTEGER NOT NULL, address TEXT NOT NULL, kind TEXT NOT NULL,
        fingerprint TEXT NOT NULL, request TEXT NOT NULL, began REAL NOT NULL
    );
    CREATE INDEX intent_address ON intent (run, address);
    CREATE TABLE result (intent INTEGER PRIMARY KEY, failed INTEGER NOT NULL, data TEXT NOT NULL, ended REAL NOT NULL);
    """,
)
"""One script for each version, which leads to it from the version before: ``user_version`` says where a file stands.

``opening`` and ``closing`` say who recorded a run, and when; ``part`` holds what requests have in common (a message is
in every request after it), by digest; an ``intent`` is written before its step is performed, its ``result`` after.
"""

FIND = """
SELECT intent.id, kind, fingerprint, request, failed, data FROM intent LEFT JOIN result ON result.intent = intent.id
WHERE run = ? AND address = ? ORDER BY failed IS NULL, intent.id DESC LIMIT 1
"""
"""A step's last result, else its last intent."""
OWNER = "SELECT process, host, began FROM opening WHERE run = ? ORDER BY id DESC LIMIT 1"
"""Who opened a run last."""
