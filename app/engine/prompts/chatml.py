"""ChatML, for models that come without a chat template."""

from __future__ import annotations

#: Turns between ``<|im_start|>`` and ``<|im_end|>``, the form most instruction-tuned models have at least seen.
CHATML_TEMPLATE = """\
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""
