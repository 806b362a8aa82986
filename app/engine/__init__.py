"""Running a model: the messages, the child process that holds it, and the engines that look alike to callers."""
