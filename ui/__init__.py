"""The window: Qt widgets that show what is and say what was clicked."""
