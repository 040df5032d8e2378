"""The rules of time, by noun: spans, lines, assignment, holds; pure."""
