"""Text files as a person edits them: reading and saving, lexing by line, finding, editing commands."""
