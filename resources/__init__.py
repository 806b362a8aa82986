"""Files that ship with Sawhorse: icons, theme tokens, model cards, prompts."""
