"""What is said of a model at the top of the dialog, as values made from its card, its repository or its header."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalog.cards import Card
from app.catalog.variants import LocalModel, Repository
from app.fit.values import ModelOutline
from ui.models.sizes import parameter_words, size_words

PLACE_WORDS = {
    "sawhorse": "Sawhorse",
    "folder": "Your folder",
    "huggingface": "Hugging Face cache",
    "lmstudio": "LM Studio",
    "ollama": "Ollama",
    "llama.cpp": "llama.cpp cache",
    "docker": "Docker Model Runner",
    "starter": "Starter",
}
_SAMPLING_WORDS = {
    "temperature": "temperature",
    "top_p": "top p",
    "top_k": "top k",
    "min_p": "min p",
    "repeat_penalty": "repeat penalty",
    "presence_penalty": "presence penalty",
}


@dataclass(frozen=True)
class CardFacts:
    """What the card view shows; all of it is plain text.

    Attributes:
        facts: Short ones, side by side.
        details: (name, text) for the part that unfolds.
        links: (words, address); opened only when clicked.
    """

    title: str
    provider: str = ""
    summary: str = ""
    facts: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def facts_of_card(card: Card) -> CardFacts:
    """Return what a card says."""
    facts = [
        _parameters(card),
        f"{card.context.length:,} tokens of context",
        card.license,
        "Tool calling" if card.tool_calling else "No tool calling",
        "Thinking" if card.thinking else "Non-thinking only",
        f"Knowledge until {card.knowledge_cutoff}" if card.knowledge_cutoff else "",
    ]
    return CardFacts(
        title=card.name,
        provider=card.provider,
        summary=card.summary,
        facts=tuple(fact for fact in facts if fact),
        details=tuple((name, text) for name, text in _details(card) if text),
        links=tuple(card.links.items()),
    )


def facts_of_repository(repository: Repository, outline: ModelOutline | None, address: str) -> CardFacts:
    """Return what is known of a repository that has no card."""
    owner, _slash, name = repository.id.rpartition("/")
    many = len(repository.variants)
    facts = [
        *_outline_facts(outline),
        repository.license,
        "1 variant" if many == 1 else f"{many} variants",
        "Gated" if repository.gated else "",
        "Private" if repository.private else "",
    ]
    details = (*_outline_details(outline), ("Repository", repository.id), ("Revision", repository.revision))
    return CardFacts(
        title=name or repository.id,
        provider=owner,
        facts=tuple(fact for fact in facts if fact),
        details=details,
        links=(("Repository", address),) if address else (),
    )


def facts_of_local(model: LocalModel, outline: ModelOutline | None) -> CardFacts:
    """Return what is known of a model on disk that has no card."""
    facts = [*_outline_facts(outline), size_words(model.size_bytes), model.quantization]
    details = (
        *_outline_details(outline),
        ("File", model.path),
        ("Repository", model.repository),
        ("Missing", ", ".join(model.missing)),
    )
    return CardFacts(
        title=model.name,
        provider=PLACE_WORDS[model.place],
        facts=tuple(fact for fact in facts if fact),
        details=tuple((name, text) for name, text in details if text),
    )


def _parameters(card: Card) -> str:
    total, active = parameter_words(card.parameters.total), parameter_words(card.parameters.active)
    if card.parameters.active < card.parameters.total:
        return f"MoE {total}, {active} active"
    return f"{total} parameters"


def _details(card: Card) -> list[tuple[str, str]]:
    shape, parameters = card.shape, card.parameters
    without = f", {parameter_words(parameters.non_embedding)} without embeddings" if parameters.non_embedding else ""
    experts = f"{shape.experts} experts, {shape.experts_active} active, {shape.experts_shared} shared"
    sampling = ", ".join(f"{_SAMPLING_WORDS.get(name, name)} {value}" for name, value in card.sampling.items())
    return [
        ("Parameters", f"{parameter_words(parameters.total)} in all{without}"),
        ("Layers", f"{shape.layers} layers, hidden size {shape.hidden_size:,}"),
        ("Layout", shape.layout),
        ("Attention", shape.attention),
        ("Linear attention", shape.linear_attention),
        ("Experts", experts if shape.experts else ""),
        ("Context", f"{card.context.length:,} tokens. {card.context.note}".strip()),
        ("Languages", card.languages),
        ("Input, output", f"{card.input} in, {card.output} out"),
        ("Meant for", "\n".join(card.uses)),
        ("Sampling", sampling),
        ("Architecture", card.architecture),
    ]


def _outline_facts(outline: ModelOutline | None) -> list[str]:
    if outline is None:
        return []
    return [f"{parameter_words(outline.n_params)} parameters", f"{outline.n_ctx_train:,} tokens of context"]


def _outline_details(outline: ModelOutline | None) -> tuple[tuple[str, str], ...]:
    if outline is None:
        return ()
    experts = f", {outline.n_expert_layer} of them with experts" if outline.n_expert_layer else ""
    return (
        ("Name", outline.name),
        ("Architecture", outline.architecture),
        ("Layers", f"{outline.n_layer}{experts}"),
    )
