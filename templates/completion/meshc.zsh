#compdef meshc
# Completes calls of meshc in zsh: source <(meshc completion zsh), after compinit
_meshc() {
  local value summary text
  local -a candidates
  # A dot at the end keeps an empty last word from being lost.
  text="$(printf '%s\n' "${(@)words[1,CURRENT]}"; printf .)"
  while IFS=$'\t' read -r value summary; do
    case "$value" in
      :files) _files ;;
      :folders) _files -/ ;;
      *) candidates+=("${value//:/\\:}:$summary") ;;
    esac
  done < <("${words[1]}" completion zsh --words "${text%?}" 2>/dev/null)
  (( ${#candidates} )) && _describe meshc candidates
}
compdef _meshc meshc
