import type { CallerName } from '../../compiler/behavior/pairs/names.ts'

/** Names a caller as `--from` and the form of the page do; undefined: no word names it. */
export function nameQuestionCaller(caller: CallerName): string | undefined {
  if (caller.kind === 'outside') return `gateway/${caller.gateway.name}`
  if (!caller.assumed) return `${caller.namespace}/${caller.name}`
  if (caller.identity !== undefined) return `external-caller/${caller.identity.replace('spiffe://', '')}`
  return caller.plaintext ? 'anyone' : undefined
}
