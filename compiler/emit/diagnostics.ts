import { defineDiagnostic } from '../diagnostics/diagnostic.ts'

/** Diagnostics of emitting: MESH4xxx. */
export const patchMatchesNothing = defineDiagnostic<{ object: string; near?: string }>({
  code: 'MESH4001',
  severity: 'error',
  summary: 'A patch names an object that is emitted',
  message: p => `no object \`${p.object}\` is emitted`,
  help: p =>
    p.near === undefined
      ? 'take the kind, namespace and name from a file of `out/`'
      : `did you mean \`${p.near}\`?`,
})

export const patchViolatesSchema = defineDiagnostic<{
  object: string
  violation: string
  near: string | undefined
}>({
  code: 'MESH4002',
  severity: 'error',
  summary: 'A patched object still has the shape of its kind',
  message: p => `\`${p.object}\` does not conform after this patch: ${p.violation}`,
  help: p =>
    p.near === undefined
      ? 'write what the CRD of its kind takes: `kubectl explain` shows it'
      : `did you mean \`${p.near}\`?`,
})

export const patchChangesNothing = defineDiagnostic<{ object: string }>({
  code: 'MESH4003',
  severity: 'warning',
  summary: 'A patch changes something',
  message: p => `this patch changes nothing in \`${p.object}\``,
  help: () => 'the spec says so already: remove the patch',
})

export const rawInTheWay = defineDiagnostic<{ kind: string; name: string }>({
  code: 'MESH4004',
  severity: 'error',
  summary: 'A raw object does not stand where another object stands',
  message: p => `meshc emits the ${p.kind} \`${p.name}\` already`,
  help: () => 'rename this object, or change the emitted one with `patches`',
})

export const neighborUnreadable = defineDiagnostic<{ file: string; reason: string }>({
  code: 'MESH4006',
  severity: 'error',
  summary: 'A neighbor is a file of Kubernetes objects',
  message: p => `the neighbor \`${p.file}\` cannot be read: ${p.reason}`,
  help: () => 'commit the file first, or take it out of `delivery.neighbors`',
})

export const neighborInTheWay = defineDiagnostic<{ taken: string }>({
  code: 'MESH4007',
  severity: 'error',
  summary: 'A neighbor does not stand where another file or object stands',
  message: p => `the environment has ${p.taken} already`,
  help: () => 'rename what the neighbor holds, or take it out of `delivery.neighbors`',
})

export const patchTakesPurpose = defineDiagnostic<{ object: string; why: string; help: string }>({
  code: 'MESH4008',
  severity: 'error',
  summary: 'A patched object is still what other objects take it for',
  message: p => `\`${p.object}\` is not what it was after this patch: ${p.why}`,
  help: p => p.help,
})

export const objectRefused = defineDiagnostic<{ object: string; field: string; reason: string }>({
  code: 'MESH4011',
  severity: 'error',
  summary: 'A raw or patched object is one that a cluster takes',
  covers: ['IST0106'],
  message: p => `no cluster takes \`${p.object}\`: ${p.field}${p.reason}`,
  help: () => 'the API server or the webhook of Istio would refuse it: correct it',
})

/** Every diagnostic of this pass, in the order of their codes. */
export const emitDiagnostics = [
  patchMatchesNothing,
  patchViolatesSchema,
  patchChangesNothing,
  rawInTheWay,
  neighborUnreadable,
  neighborInTheWay,
  patchTakesPurpose,
  objectRefused,
] as const
