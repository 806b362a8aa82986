"""A prompt shown as the model reads it: its text, its tokens, and which characters each token is."""

from app.engine.echo import EchoEngine
from app.engine.messages import ChatMessage, ChatPrompt, LoadSettings, Rendered, TokenPrompt


def pieces(rendered):
    starts = (0, *rendered.token_ends)
    return [rendered.text[start:end] for start, end in zip(starts, rendered.token_ends, strict=False)]


def check(rendered):
    assert isinstance(rendered, Rendered)
    assert len(rendered.token_ends) == len(rendered.token_ids)
    assert list(rendered.token_ends) == sorted(rendered.token_ends)
    assert rendered.token_ends[-1] == len(rendered.text)
    assert "".join(pieces(rendered)) == rendered.text


def test_each_token_of_a_prompt_has_its_characters(either):
    prompt = ChatPrompt(messages=(ChatMessage(role="user", content="Größe: 3 naïve 🦀 crabs"),))
    rendered = either.wait(either.engine.render(prompt))
    check(rendered)
    assert "Größe: 3 naïve 🦀 crabs" in rendered.text
    assert "<|im_start|>" in pieces(rendered)
    assert "" in pieces(rendered)  # a crab takes several tokens; only the last of them completes it


def test_a_kept_reply_is_shown_as_the_model_wrote_it(tiny):
    vocabulary = tiny.wait(tiny.engine.render(ChatPrompt(messages=(ChatMessage(role="user", content="abc"),))))
    ids = vocabulary.token_ids[-3:]
    said = "".join(pieces(vocabulary)[-3:])
    reply = ChatMessage(role="assistant", content="something else", token_ids=ids)
    messages = (ChatMessage(role="user", content="u"), reply, ChatMessage(role="user", content="v"))
    rendered = tiny.wait(tiny.engine.render(ChatPrompt(messages=messages)))
    check(rendered)
    assert f"assistant\n{said}<|im_end|>" in rendered.text


def test_tokens_alone_are_shown_too(tiny):
    check(tiny.wait(tiny.engine.render(TokenPrompt(token_ids=(5, 6, 7)))))


def test_the_scripted_engine_says_the_same_of_its_words():
    events = []
    engine = EchoEngine(events.append)
    engine.load("echo.gguf", LoadSettings())
    engine.render(ChatPrompt(messages=(ChatMessage(role="user", content="One two  three"),)))
    engine.finish()
    check(events[-1])
    assert pieces(events[-1]) == ["One", " two", "  three"]
