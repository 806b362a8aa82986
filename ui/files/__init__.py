"""The files of the open folder: the tree, going to a file, and searching in all of them."""
