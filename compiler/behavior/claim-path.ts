/** Finds the path of a claim that a header of a match names: `@request.auth.claims.group.id`, `@request.auth.claims[group][id]`. */
export function findClaimPath(header: string): readonly string[] | undefined {
  const prefix = '@request.auth.claims'
  if (!header.toLowerCase().startsWith(prefix)) return undefined
  const name = header.slice(prefix.length)
  if (name.startsWith('.') && name.length > 1) return name.slice(1).split('.')
  if (name.startsWith('[') && name.endsWith(']') && name.length > 2) return name.slice(1, -1).split('][')
  return undefined
}

/** Parses the path of a claim of a policy: `[group][id]`; brackets that do not pair are part of the name. */
export function parseBracketedPath(name: string): readonly string[] | undefined {
  if (/^(?:\[[^[\]]*\])+$/.test(name)) return name.slice(1, -1).split('][')
  return name.startsWith('[') && name.endsWith(']') ? [name.slice(1, -1)] : undefined
}
