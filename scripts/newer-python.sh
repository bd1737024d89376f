#!/usr/bin/env bash
# Prints a Python of 3.12 or later, which it installs where Debian has one: scripts/newer-python.sh "SUDO"
set -euo pipefail

sudo=$1
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
        "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || continue
        command -v "$name"
        return
    done
    return 1
}

find_python && exit
for version in 3.13 3.12; do
    scripts/install.sh "$sudo" "python$version" "python$version-venv" >&2 2>/dev/null && find_python && exit
done
echo "The official validator of FOCUS needs Python 3.12 or later, and there is none here." >&2
exit 1
