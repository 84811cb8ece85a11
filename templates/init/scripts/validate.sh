#!/usr/bin/env bash
# Runs every checker that is installed on the specs and on out/, and names the missing ones.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

passed=0
failed=0
left_out=()

# check COMMAND...: runs a checker, and counts its result.
check() {
  echo "> $*"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# has PROGRAM WHAT: succeeds if a checker is installed; otherwise WHAT is left out.
has() {
  if command -v "$1" > /dev/null; then return 0; fi
  left_out+=("$2: $1 is not installed")
  return 1
}

# On GitHub, findings appear beside their lines of the spec.
format=text
[ "${GITHUB_ACTIONS:-}" = true ] && format=github
check npx --no-install meshc validate --format "$format"
check npx --no-install meshc build --check --verify

if has istioctl 'analysis of the manifests'; then
  for manifests in out/*/manifests; do
    # Without --all-namespaces istioctl checks only one namespace, and finds nothing.
    check istioctl analyze --use-kube=false --all-namespaces --failure-threshold Info "$manifests"
  done
fi

if command -v kustomize > /dev/null; then kustomize=(kustomize build); else kustomize=(kubectl kustomize); fi
if has "${kustomize[0]}" 'build of the kustomizations'; then
  kustomization_builds() {
    "${kustomize[@]}" "$1" > /dev/null
  }
  for file in out/*/kustomization.yaml; do check kustomization_builds "$(dirname "$file")"; done
fi

charts=(out/*/chart)
if [ -d "${charts[0]}" ] && has helm 'check of the charts'; then
  for chart in "${charts[@]}"; do check helm lint --strict "$chart"; done
fi

for reason in ${left_out[@]+"${left_out[@]}"}; do echo "left out: $reason"; done
echo "$passed passed, $failed failed, ${#left_out[@]} left out"
[ "$failed" -eq 0 ]
