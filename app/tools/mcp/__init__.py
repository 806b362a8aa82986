"""Tools of other programs, over the Model Context Protocol: which servers, who approved them, and their processes."""
