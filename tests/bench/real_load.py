"""What llama.cpp allocates when it really loads a model: a child that loads once and makes many contexts.

``python -m tests.bench.real_load MODEL`` reads load settings as JSON, one a line, and answers each with the memory
llama.cpp logged, by buffer type and part, as the engine would report it. Settings of the model must be equal in all.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from app.engine.messages import LoadSettings

Memory = dict[str, dict[str, int]]


def allocations(model: Path, settings: Sequence[LoadSettings]) -> Iterator[Memory | None]:
    """Yield what each of ``settings`` takes; None where llama.cpp refuses."""
    command = [sys.executable, "-m", "tests.bench.real_load", str(model)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            for each in settings:
                child.stdin.write(msgspec.json.encode(each).decode() + "\n")
                child.stdin.flush()
                line = child.stdout.readline()
                yield json.loads(line) if line else None
        finally:
            child.stdin.close()


def main() -> None:
    """Serve the parent until it closes standard input."""
    import llama_cpp.llama_cpp as llama

    from app.engine.llama.loader import resolve_threads
    from app.engine.llama.logs import LlamaLog, memory_by_device
    from app.engine.llama.parameters import ModelParameters, context_parameters

    log = LlamaLog()
    llama.llama_backend_init()
    model, model_lines = None, list[str]()
    for line in sys.stdin:
        settings = resolve_threads(msgspec.json.decode(line, type=LoadSettings))
        if model is None:
            log.mark()
            model = llama.llama_model_load_from_file(sys.argv[1].encode(), ModelParameters(settings).value)
            model_lines = log.lines
        log.mark()
        context = llama.llama_init_from_model(model, context_parameters(settings, model)) if model else None
        memory = memory_by_device([*model_lines, *log.lines]) if context else None
        if context:
            llama.llama_free(context)
        print(json.dumps(memory), flush=True)
    if model:
        llama.llama_model_free(model)


if __name__ == "__main__":
    main()
