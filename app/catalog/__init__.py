"""What models there are: their cards, the variants a repository offers, what is on disk already."""
