#!/usr/bin/env bash
# Reports the effect of a pull request in the summary of the run, and in one comment, which later runs update. Fails on a denied change.
set -euo pipefail
cd "$(dirname "$0")/.."

comment=$RUNNER_TEMP/meshc-diff.md
code=0
# Folders of manifests, with spaces between, where no spec makes them.
read -ra manifests <<< "${MANIFESTS:-}"
npx --no-install meshc diff "${manifests[@]/#/--manifests=}" --base "$BASE" --deny "$DENY" --format markdown > "$comment" || code=$?
# No comment means that meshc has reported an error.
[ -s "$comment" ] || exit 1
[ -z "${PAGE:-}" ] || printf '\n[The change on the map](%s) is an artifact of this run.\n' "$PAGE" >> "$comment"
cat "$comment" >> "$GITHUB_STEP_SUMMARY"
# 0: nothing changes; 2: an allowed change.
verdict=0
if [ "$code" -ne 0 ] && [ "$code" -ne 2 ]; then verdict=1; fi

if [ "$MAY_COMMENT" != true ]; then
  echo 'A pull request of a fork may not be commented on: the summary of this run has it.'
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
