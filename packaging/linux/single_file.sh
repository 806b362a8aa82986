#!/bin/sh
# Sawhorse @VERSION@ in one file. It unpacks itself into the user's cache folder when it is first started, which takes
# some seconds, and starts from there. It needs no installation, no FUSE and no rights.
#
#   ./FILE [ARGUMENTS]       start
#   ./FILE --integrate       put it into the applications menu and open .gguf files with it (this user only)
#   ./FILE --disintegrate    undo that, and remove what was unpacked; conversations and models stay
set -eu
umask 077

own=$(readlink -f "$0")
cache="${XDG_CACHE_HOME:-$HOME/.cache}/sawhorse"
place="$cache/bundle-@HASH@"
share="${XDG_DATA_HOME:-$HOME/.local/share}"

fail() {
    echo "sawhorse: $1" >&2
    exit 1
}

unpack() {
    [ -x "$place/lib/sawhorse/sawhorse" ] && return
    mkdir -p "$cache" || fail "$cache cannot be made."
    fresh=$(mktemp -d "$cache/unpacking-XXXXXX") || fail "$cache cannot be written."
    trap 'rm -rf "$fresh"' EXIT INT TERM HUP
    tail -n +@LINES@ "$own" | gzip -dc | tar -xf - -C "$fresh" ||
        fail "It could not be unpacked into $cache: the disk may be full, or the file incomplete."
    mv -T "$fresh" "$place" 2>/dev/null || rm -rf "$fresh" # another start was quicker
    trap - EXIT INT TERM HUP
    for old in "$cache"/bundle-*; do
        [ "$old" = "$place" ] || is_running_from "$old" || rm -rf "$old"
    done
}

is_running_from() {
    for process in /proc/[0-9]*/exe; do
        case "$(readlink "$process" 2>/dev/null)" in "$1"/*) return 0 ;; esac
    done
    return 1
}

refresh() {
    if command -v update-mime-database >/dev/null; then
        update-mime-database "$share/mime" >/dev/null 2>&1 || true
    fi
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database "$share/applications" 2>/dev/null || true
    fi
}

case "${1:-}" in
--integrate)
    unpack
    mkdir -p "$share/applications"
    for part in icons mime; do
        (cd "$place/share" && find "$part" -type f) | while read -r file; do
            mkdir -p "$share/$(dirname "$file")"
            cp "$place/share/$file" "$share/$file"
        done
    done
    escaped=$(printf '%s' "$own" | sed 's/[\\"`$]/\\\\&/g; s/%/%%/g; s/[&|\\]/\\&/g')
    sed "s|^Exec=sawhorse|Exec=\"$escaped\"|" "$place/share/applications/sawhorse.desktop" \
        >"$share/applications/sawhorse.desktop"
    refresh
    echo "Sawhorse is in the applications menu. Keep $own where it is."
    exit 0
    ;;
--disintegrate)
    rm -f "$share/applications/sawhorse.desktop" "$share/mime/packages/sawhorse.xml"
    find "$share/icons/hicolor" -path '*/apps/sawhorse.*' -delete 2>/dev/null || true
    refresh
    rm -rf "$cache"/bundle-*
    echo "Sawhorse is out of the applications menu. Conversations, settings and models are where they were."
    exit 0
    ;;
esac

unpack
umask 022
exec "$place/lib/sawhorse/sawhorse" "$@"
exit 1
