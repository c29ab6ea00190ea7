#!/usr/bin/env bash
# Makes a Python environment of its own. Arguments: folder, file of requirements.
set -euo pipefail
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  "$(dirname "$0")/install-dependencies.sh" python3-venv:/nonexistent
fi
[ -x "$1/bin/python" ] || python3 -m venv "$1"
"$1/bin/pip" install -q -r "$2"
