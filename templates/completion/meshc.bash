# Completes calls of meshc in bash 3.2 or newer: source <(meshc completion bash)
_meshc() {
  local current="${COMP_WORDS[COMP_CWORD]}" words value path
  # A dot at the end keeps an empty last word from being lost.
  words="$(printf '%s\n' "${COMP_WORDS[@]:0:COMP_CWORD+1}"; printf .)"
  [ "$current" = = ] && current=
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    case "$value" in
      :files) compopt -o filenames 2>/dev/null
        while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames 2>/dev/null
        while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -d -- "$current") ;;
      *) COMPREPLY+=("$value") ;;
    esac
  done < <("${COMP_WORDS[0]}" completion bash --words "${words%?}" 2>/dev/null)
}
complete -F _meshc meshc
