"""A local server that imitates the Hugging Face Hub and a Docker registry, and misbehaves on demand."""
