"""The bar at the window's foot: engine, context, speed, prompt progress and memory."""
