"""The tour: drives the real window through a whole scenario and keeps a picture of every step."""
