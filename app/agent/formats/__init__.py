"""How models write tool calls: one file for each form, and what the forms share."""
