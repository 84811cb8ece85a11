#!/usr/bin/env bash
# Writes the page of a pull request: the map before and after the change. Writes none where a spec does not compile: review.sh reports that.
set -euo pipefail
cd "${PROJECT:-$(dirname "$0")/..}"

# The action brings meshc along; a project has installed it.
if [ -n "${MESHC:-}" ]; then run=(node "$MESHC"); else run=(npx --no-install meshc); fi
page=$1
code=0
# Folders of manifests, with spaces between, where no spec makes them.
read -ra manifests <<< "${MANIFESTS:-}"
"${run[@]}" diff "${manifests[@]/#/--manifests=}" --base "$BASE" --format html > "$page" || code=$?
# 0: nothing changes; 2: something does.
if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then rm -f "$page"; fi
