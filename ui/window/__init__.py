"""The parts of the main window's frame: top bar, sidebar frame, docked panels, menus, drop target."""
