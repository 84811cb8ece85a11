#!/usr/bin/env bash
# Reports the effect of a pull request in the summary of the run, and in one comment, which later runs update. Fails on a denied change.
set -euo pipefail
cd "${PROJECT:-$(dirname "$0")/..}"

# The action brings meshc along; a project has installed it.
if [ -n "${MESHC:-}" ]; then run=(node "$MESHC"); else run=(npx --no-install meshc); fi
# In the action, the next step fails on a denied change or an error.
failure=1
[ "${ONLY_REPORT:-}" != true ] || failure=0

comment=$RUNNER_TEMP/meshc-diff.md
code=0
# Folders of manifests, with spaces between, where no spec makes them.
read -ra manifests <<< "${MANIFESTS:-}"
"${run[@]}" diff "${manifests[@]/#/--manifests=}" --base "$BASE" --deny "$DENY" --format markdown > "$comment" || code=$?
# No comment means that meshc has reported an error.
[ -s "$comment" ] || exit "$failure"
[ -z "${PAGE:-}" ] || printf '\n[The change on the map](%s) is an artifact of this run.\n' "$PAGE" >> "$comment"
cat "$comment" >> "$GITHUB_STEP_SUMMARY"
# 0: nothing changes; 2: an allowed change.
verdict=0
if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then verdict=$failure; fi

if [ "$MAY_COMMENT" != true ]; then
  echo 'No comment is allowed here, as in a pull request of a fork: the summary of this run has the report.'
  exit "$verdict"
fi
comments=repos/$GITHUB_REPOSITORY/issues
mine='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("<!-- meshc diff -->"))) | .id'
ids=$(gh api --paginate "$comments/$PULL_REQUEST/comments" --jq "$mine")
read -r id <<< "$ids" || true
if [ -n "${id:-}" ]; then
  gh api --silent --method PATCH "$comments/comments/$id" --field "body=@$comment"
elif [ "$code" -ne 0 ]; then
  gh api --silent --method POST "$comments/$PULL_REQUEST/comments" --field "body=@$comment"
fi
exit "$verdict"
