"""Imports and exports of tables as spreadsheets: background jobs that are checked first, resumable and reversible."""
