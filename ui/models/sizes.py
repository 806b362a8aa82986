"""Sizes, speeds and times in the words of the model dialog: GB are 10^9 bytes, as model cards count."""

from __future__ import annotations

from app.fit.values import Speed

_GB = 1_000_000_000
_MB = 1_000_000
_MINUTE = 60
_HOUR = 3600


def size_words(size_bytes: int) -> str:
    """Return a size: 812 MB, 48.4 GB, 159 GB."""
    if 0 < size_bytes < _MB:
        return f"{size_bytes / 1000:.0f} kB"
    if size_bytes < _GB:
        return f"{max(size_bytes, 0) / _MB:,.0f} MB"
    gigabytes = size_bytes / _GB
    return f"{gigabytes:,.1f} GB" if gigabytes < 99.95 else f"{gigabytes:,.0f} GB"


def speed_words(speed: Speed | None) -> str:
    """Return a speed as the range it most likely lies in, "18-26 tok/s"; empty where nothing can be said."""
    if speed is None:
        return ""
    low, high = number_words(speed.low), number_words(speed.high)
    return f"{low} tok/s" if low == high else f"{low}\u2013{high} tok/s"


def number_words(value: float) -> str:
    """Return a number with as many digits as matter: 0.4, 3.4, 42, 1,250."""
    if value >= 100:
        digits = len(f"{value:.0f}") - 2
        value = round(value / 10**digits) * 10**digits  # an estimate is not known to the last digit
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def rate_words(bytes_per_second: float) -> str:
    """Return a transfer's speed: 84 MB/s."""
    if bytes_per_second < _MB:
        return f"{bytes_per_second / 1000:.0f} kB/s"
    megabytes = bytes_per_second / _MB
    return f"{megabytes:.1f} MB/s" if megabytes < 10 else f"{megabytes:,.0f} MB/s"


def time_words(seconds: float) -> str:
    """Return a time to go: under a minute, 7 min, 2 h 5 min."""
    if seconds < _MINUTE:
        return "under a minute"
    minutes = round(seconds / _MINUTE)
    if seconds < _HOUR:
        return f"{minutes} min"
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60:,} h"


def parameter_words(count: int) -> str:
    """Return a number of parameters: 80B, 7.6B, 494M."""
    if count >= 1_000_000_000:
        billions = count / 1e9
        return f"{billions:.0f}B" if billions >= 100 or abs(billions - round(billions)) < 0.05 else f"{billions:.1f}B"
    return f"{count / 1e6:.0f}M"


def context_words(tokens: int) -> str:
    """Return a context size as people name it: 4K, 256K; exact where it is no round number."""
    return f"{tokens // 1024}K" if tokens >= 1024 and tokens % 1024 == 0 else f"{tokens:,}"
