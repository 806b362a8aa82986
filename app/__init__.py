"""Everything in Sawhorse that works without a screen; nothing below here imports Qt."""
