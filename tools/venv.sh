#!/bin/sh
# Makes the virtual environment named by the first argument, unless a working one is there.
# The Python is $PYTHON if that is set, otherwise the first fitting one on the PATH.
set -eu
venv=$1

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

if fits "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

python=
for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$(${PYTHON:-python3} --version 2>&1 || true)
    echo "rnnviz needs Python 3.11, 3.12 or 3.13; ${PYTHON:-python3} here says: $found" >&2
    echo "Install one of them, or name it: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
fi

# Debian and Ubuntu keep the module that brings pip in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "python$version-venv" </dev/null
    else
        echo "Python $version here comes without its venv module, which rnnviz is set up with." >&2
        echo "Install it (Debian, Ubuntu: sudo apt-get install python$version-venv), then try again." >&2
        exit 1
    fi
fi

echo "Making $venv with $("$python" --version)"
"$python" -m venv --clear "$venv"
