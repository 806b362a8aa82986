"""The sampling panel, made from the engine's specifications."""
