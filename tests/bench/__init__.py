"""Measurements against the budgets Sawhorse has set itself: ``make bench``."""
