"""From a conversation to the tokens a model reads: its chat template, the ids it wrote itself, nothing read twice."""
