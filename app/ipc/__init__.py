"""How Sawhorse's processes talk: framed messages over pipes, and children that die with their parent."""
