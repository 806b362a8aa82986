"""The messages between the application and an engine: commands one way, events the other.

Values only. Every command that starts work carries a ``request`` number chosen by the caller; every event
of that work carries it back, so that events of a cancelled or older request can be told apart and dropped.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from app.engine.sampling import Sampling

FlashAttention = Literal["auto", "on", "off"]
KvType = Literal["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"]
SplitMode = Literal["none", "layer", "row", "tensor"]
RopeScaling = Literal["model", "none", "linear", "yarn", "longrope"]
Role = Literal["system", "user", "assistant", "tool"]
StopReason = Literal["eos", "stop_string", "max_tokens", "context_full", "cancelled"]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A plain immutable value."""


class LoadSettings(Value, frozen=True, kw_only=True):
    """How to load a model; names follow llama.cpp's parameters, None means "the engine decides".

    Attributes:
        n_ctx: Context size in tokens; 0 takes the size the model was trained with.
        n_batch: Most tokens handed to one ``llama_decode``.
        n_ubatch: Most tokens computed at once (sizes the compute buffers).
        n_threads: Threads for generation; None: the physical cores.
        n_threads_batch: Threads for prompt processing; None: the physical cores.
        n_gpu_layers: Layers on the GPU; -1 all of them.
        n_cpu_moe: Number of first layers whose MoE experts stay on the CPU.
        tensor_overrides: (regular expression of tensor names, buffer type such as "CPU" or "CUDA0").
        type_k: Type of the K cache.
        type_v: Type of the V cache; a quantised one needs flash attention.
        use_extra_bufts: Repack weights for faster CPU prompts; cannot be mapped from disk. None: only if
            the weights fit into the memory that is free.
        devices: Names of the llama.cpp devices to use; None: all; empty: none but the CPU.
        rope_freq_base: RoPE base frequency; 0 from the model.
        rope_freq_scale: RoPE frequency scale; 0 from the model.
        yarn_ext_factor, yarn_attn_factor, yarn_beta_fast, yarn_beta_slow: YaRN; -1 from the model.
        yarn_orig_ctx: The context the model was trained with, in tokens; 0 from the model.
        checkpoint_bytes: Most memory for checkpoints of recurrent state.
        prompt_cache_bytes: Most memory for saved states of other conversations.
    """

    n_ctx: int = 8192
    n_batch: int = 2048
    n_ubatch: int = 512
    n_threads: int | None = None
    n_threads_batch: int | None = None
    n_gpu_layers: int = -1
    n_cpu_moe: int = 0
    tensor_overrides: tuple[tuple[str, str], ...] = ()
    type_k: KvType = "f16"
    type_v: KvType = "f16"
    flash_attn: FlashAttention = "auto"
    use_mmap: bool = True
    use_mlock: bool = False
    use_extra_bufts: bool | None = None
    devices: tuple[str, ...] | None = None
    main_gpu: int = 0
    split_mode: SplitMode = "layer"
    tensor_split: tuple[float, ...] = ()
    offload_kqv: bool = True
    op_offload: bool = True
    rope_scaling: RopeScaling = "model"
    rope_freq_base: float = 0.0
    rope_freq_scale: float = 0.0
    yarn_ext_factor: float = -1.0
    yarn_attn_factor: float = -1.0
    yarn_beta_fast: float = -1.0
    yarn_beta_slow: float = -1.0
    yarn_orig_ctx: int = 0
    checkpoint_bytes: int = 2 * 1024**3
    prompt_cache_bytes: int = 1 * 1024**3


class ToolCall(Value, frozen=True, kw_only=True):
    """A tool call as a template wants it: a name and an object of arguments."""

    name: str
    arguments: dict[str, Any]
    id: str = ""


class ChatMessage(Value, frozen=True, kw_only=True):
    """One message of a prompt.

    Attributes:
        content: Its text.
        token_ids: For an assistant's message, the ids the model itself generated (without the end-of-turn
            token), valid for the loaded model; the engine then uses them instead of tokenising ``content``.
        tool_calls: Calls the assistant made in this message.
        tool_call_id: For a tool's message, the call it answers.
        name: For a tool's message, the tool's name.
    """

    role: Role
    content: str
    token_ids: tuple[int, ...] | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""


class ChatPrompt(Value, tag="chat", frozen=True, kw_only=True):
    """Messages to be rendered by the model's own chat template.

    Attributes:
        tools: JSON schemas of the tools offered, in OpenAI's form, in a stable order.
        continue_last: The last message is the assistant's and is to be continued, not answered.
        template_arguments: Further variables for the template.
    """

    messages: tuple[ChatMessage, ...]
    tools: tuple[dict[str, Any], ...] = ()
    continue_last: bool = False
    template_arguments: dict[str, Any] = {}


class TextPrompt(Value, tag="text", frozen=True, kw_only=True):
    """Text that is tokenised as it is, special tokens included where ``parse_special``."""

    text: str
    parse_special: bool = True
    add_special: bool = True


class TokenPrompt(Value, tag="tokens", frozen=True, kw_only=True):
    """Token ids, ready to decode."""

    token_ids: tuple[int, ...]


class InfillPrompt(Value, tag="infill", frozen=True, kw_only=True):
    """Text around a place to be filled in, for models with fill-in-the-middle tokens.

    Attributes:
        before, after: The file's text before and after the place.
        path: The file's path, for models that are told it; empty for none.
        others: (path, text) of other files of the project that the model reads first.
    """

    before: str
    after: str
    path: str = ""
    others: tuple[tuple[str, str], ...] = ()


Prompt = ChatPrompt | TextPrompt | TokenPrompt | InfillPrompt


# --- commands ---------------------------------------------------------------------------------------------


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="command"):
    """Something an engine is asked to do."""

    request: int


class Load(Command, tag="load", frozen=True, kw_only=True):
    """Load a model, unloading the present one first. Answers: LoadProgress…, Loaded or Failed."""

    path: str
    settings: LoadSettings = LoadSettings()


class Unload(Command, tag="unload", frozen=True, kw_only=True):
    """Free the model and its memory. Answers: Unloaded."""


class Generate(Command, tag="generate", frozen=True, kw_only=True):
    """Answer a prompt. Answers: PromptProgress…, Delta…, then Finished or Failed."""

    prompt: Prompt
    sampling: Sampling = Sampling()


class CountTokens(Command, tag="count_tokens", frozen=True, kw_only=True):
    """Count a prompt's tokens without decoding it. Answers: TokensCounted or Failed."""

    prompt: Prompt


class Render(Command, tag="render", frozen=True, kw_only=True):
    """Show a prompt exactly as the model will read it. Answers: Rendered or Failed."""

    prompt: Prompt


class Cancel(Command, tag="cancel", frozen=True, kw_only=True):
    """Stop the work of request ``request``; its last event is Finished("cancelled") or Failed."""


class ListDevices(Command, tag="list_devices", frozen=True, kw_only=True):
    """Name the devices of this llama.cpp build. Answers: Devices."""


class Ping(Command, tag="ping", frozen=True, kw_only=True):
    """Ask whether the engine hears. Answers: Pong, even while it generates."""


AnyCommand = Load | Unload | Generate | CountTokens | Render | Cancel | ListDevices | Ping


# --- events -----------------------------------------------------------------------------------------------


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Something an engine says; ``request`` is that of the command it belongs to, 0 for none."""

    request: int = 0


class Device(Value, frozen=True, kw_only=True):
    """A llama.cpp device; ``kind`` is "cpu", "gpu", "igpu" or "accel"; sizes in bytes."""

    name: str
    description: str
    kind: str
    total_bytes: int
    free_bytes: int


class Hello(Event, tag="hello", frozen=True, kw_only=True):
    """The child is up and hears commands."""

    pid: int


class Devices(Event, tag="devices", frozen=True, kw_only=True):
    """The devices of this llama.cpp build and what it says of itself."""

    devices: tuple[Device, ...]
    llama_cpp_version: str
    system_info: str


class LoadProgress(Event, tag="load_progress", frozen=True, kw_only=True):
    """How much of the model has been read; ``fraction`` from 0 to 1."""

    fraction: float


class ModelInfo(Value, frozen=True, kw_only=True):
    """What was loaded.

    Attributes:
        fingerprint: Names the tokenizer and template: token ids are valid between models that share it.
        architecture: ``general.architecture`` of the GGUF.
        description: llama.cpp's own one-line description, such as "llama 135M Q4_0".
        size_bytes: Bytes of the weights.
        n_ctx: The context actually allocated, in tokens.
        chat_template: The template in use; ChatML where the model has none.
        has_own_template: Whether that template came with the model.
        memory: Bytes by device name and part (weights, kv_cache, recurrent_state, compute, output).
        sampling: Sampling defaults the file itself recommends (``general.sampling.*``), by field name.
        is_recurrent: The model keeps state that cannot be rolled back token by token.
        supports_tools: The template reads ``tools``.
        supports_infill: The vocabulary has fill-in-the-middle tokens.
        settings: The settings in force, every None replaced by what was chosen.
    """

    path: str
    name: str
    fingerprint: str
    architecture: str
    description: str
    size_bytes: int
    n_params: int
    n_layer: int
    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    chat_template: str
    has_own_template: bool
    is_recurrent: bool
    supports_tools: bool
    supports_infill: bool = False
    memory: dict[str, dict[str, int]]
    sampling: dict[str, float]
    load_seconds: float
    settings: LoadSettings


class Loaded(Event, tag="loaded", frozen=True, kw_only=True):
    """The model is ready."""

    model: ModelInfo


class Unloaded(Event, tag="unloaded", frozen=True, kw_only=True):
    """The model is gone and its memory given back."""


class PromptProgress(Event, tag="prompt_progress", frozen=True, kw_only=True):
    """Prompt processing: ``done`` of ``total`` tokens, ``reused`` of them from the cache."""

    done: int
    total: int
    reused: int
    tokens_per_second: float


class Alternative(Value, frozen=True, kw_only=True):
    """A token the model could have chosen, with its natural-log probability before sampling."""

    token_id: int
    text: str
    logprob: float


class TokenProbability(Value, frozen=True, kw_only=True):
    """A chosen token and the most likely ones at its place, best first."""

    token_id: int
    text: str
    logprob: float
    top: tuple[Alternative, ...] = ()


class Delta(Event, tag="delta", frozen=True, kw_only=True):
    """New text; ``tokens`` counts the tokens generated since the last delta (text may lag behind them)."""

    text: str
    tokens: int = 0
    probabilities: tuple[TokenProbability, ...] = ()


class Stats(Value, frozen=True, kw_only=True):
    """What one request cost.

    Attributes:
        prompt_tokens: Tokens of the whole prompt.
        reused_tokens: Those found in the cache.
        processed_tokens: Those read by the model now: prompt_tokens - reused_tokens.
        reuse_reason: Why no more could be reused, in words; empty when all but the new was.
        context_tokens: Tokens in the context after the request.
    """

    prompt_tokens: int
    reused_tokens: int
    processed_tokens: int
    prompt_seconds: float
    generated_tokens: int
    generate_seconds: float
    context_tokens: int
    reuse_reason: str = ""


class Finished(Event, tag="finished", frozen=True, kw_only=True):
    """A generation ended; ``token_ids`` are all ids of the reply, without the end-of-turn token.

    ``seed`` is the one that was used, chosen by the engine where none was given.
    """

    reason: StopReason
    token_ids: tuple[int, ...]
    stats: Stats
    stop_string: str = ""
    seed: int = 0


class TokensCounted(Event, tag="tokens_counted", frozen=True, kw_only=True):
    """A prompt's length in tokens, the room in the context, and where each message begins.

    ``message_offsets[i]`` is the token at which message i of a ChatPrompt begins, as far as the template
    lets that be known; otherwise the tuple is empty.
    """

    tokens: int
    n_ctx: int
    message_offsets: tuple[int, ...] = ()


class Rendered(Event, tag="rendered", frozen=True, kw_only=True):
    """A prompt as text and as token ids.

    Attributes:
        text: What the tokens say, special ones included.
        token_ends: How many characters of ``text`` are complete after each token.
    """

    text: str
    token_ids: tuple[int, ...]
    token_ends: tuple[int, ...] = ()


class Notice(Event, tag="notice", frozen=True, kw_only=True):
    """Something the user should know that stops nothing; ``code`` is stable, ``text`` is for people."""

    code: str
    text: str


class Failed(Event, tag="failed", frozen=True, kw_only=True):
    """A request failed; the engine lives. The fields are those of ``AppError``, ``code`` is stable.

    Codes: "cancelled", "not_loaded", "busy", "load_failed", "out_of_memory", "bad_file", "template", "grammar",
    "context_overflow", "no_infill", "decode", "internal".
    """

    code: str
    title: str
    message: str = ""
    hint: str = ""
    detail: str = ""
    prompt_tokens: int = 0
    n_ctx: int = 0


class Pong(Event, tag="pong", frozen=True, kw_only=True):
    """The engine hears; ``rss_bytes`` is its resident memory, mapped file pages included."""

    rss_bytes: int


class Died(Event, tag="died", frozen=True, kw_only=True):
    """The engine's process ended unasked; made by the supervisor, never sent by a child.

    ``lost`` are the requests that were under way.
    """

    title: str
    message: str
    hint: str
    detail: str = ""
    lost: tuple[int, ...] = ()


AnyEvent = (
    Hello
    | Devices
    | LoadProgress
    | Loaded
    | Unloaded
    | PromptProgress
    | Delta
    | Finished
    | TokensCounted
    | Rendered
    | Notice
    | Failed
    | Pong
    | Died
)
