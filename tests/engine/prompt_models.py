"""A model as far as prompts go: a vocabulary, a chat template and the assembler over both."""

from __future__ import annotations

from app.engine.messages import ChatPrompt
from app.engine.prompts.assemble import PromptAssembler


class Model:
    """A vocabulary, a template and the assembler over both."""

    def __init__(self, opened, template, renderer):
        self.opened, self.vocab = opened, opened.vocab
        self.assembler = PromptAssembler(opened.vocab, template, renderer)

    def assemble(self, *messages, **fields):
        return self.assembler.assemble(ChatPrompt(messages=messages, **fields))

    def control_ids(self, ids):
        texts = self.vocab.special_texts
        special = {self.vocab.tokenize(text, parse_special=True, add_special=False)[0] for text in texts}
        return [token for token in ids if token in special]
