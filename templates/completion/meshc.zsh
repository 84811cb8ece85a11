#compdef meshc
# Completes calls of meshc in zsh: source <(meshc completion zsh), after compinit
_meshc() {
  local value summary text ret=1
  local -a candidates
  # A dot at the end keeps an empty last word from being lost.
  text="$(printf '%s\n' "${(@)words[1,CURRENT]}"; printf .)"
  while IFS=$'\t' read -r value summary; do
    case "$value" in
      :files) _files && ret=0 ;;
      :folders) _files -/ && ret=0 ;;
      *) candidates+=("${value//:/\\:}:$summary") ;;
    esac
  done < <("${words[1]}" completion zsh --words "${text%?}" 2>/dev/null)
  (( ${#candidates} )) && _describe meshc candidates && ret=0
  return ret
}
compdef _meshc meshc
