"""Between widgets and the application: what was clicked becomes a verb, what changed becomes a refresh."""
