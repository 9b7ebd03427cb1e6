"""What a clinician needs to judge the protocol: its rules in words, sources, and alarm rates.

Pure: no clock, no database, no I/O but reading its own data files.
"""
