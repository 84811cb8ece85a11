import { defineDiagnostic } from '../diagnostics/diagnostic.ts'

/** Diagnostics of emitting: MESH4xxx. */
export const patchMatchesNothing = defineDiagnostic<{ object: string; near?: string; why?: string }>({
  code: 'MESH4001',
  severity: 'error',
  summary: 'A patch names an object that meshc emits',
  message: p => `meshc emits no object \`${p.object}\``,
  help: p =>
    p.why !== undefined
      ? p.why
      : p.near === undefined
        ? 'copy the kind, namespace and name from a file in `out/`'
        : `did you mean \`${p.near}\`?`,
})

export const patchViolatesSchema = defineDiagnostic<{
  object: string
  violation: string
  near: string | undefined
}>({
  code: 'MESH4002',
  severity: 'error',
  summary: 'A patched object conforms to the schema of its kind',
  message: p => `\`${p.object}\` does not conform after this patch: ${p.violation}`,
  help: p =>
    p.near === undefined
      ? 'follow the CRD of its kind: `kubectl explain` shows it'
      : `did you mean \`${p.near}\`?`,
})

export const patchChangesNothing = defineDiagnostic<{ object: string }>({
  code: 'MESH4003',
  severity: 'warning',
  summary: 'A patch changes the object that it names',
  message: p => `this patch changes nothing in \`${p.object}\``,
  help: () => 'remove the patch: the object has these values already',
})

export const rawInTheWay = defineDiagnostic<{ kind: string; name: string }>({
  code: 'MESH4004',
  severity: 'error',
  summary: 'A raw object does not have the kind, namespace and name of another object',
  message: p => `meshc emits the ${p.kind} \`${p.name}\` already`,
  help: () => 'rename this object, or change the emitted one with `patches`',
})

export const neighborUnreadable = defineDiagnostic<{ file: string; reason: string }>({
  code: 'MESH4006',
  severity: 'error',
  summary: 'A neighbor is a file of Kubernetes objects',
  message: p => `the neighbor \`${p.file}\` cannot be read: ${p.reason}`,
  help: () => 'commit the file first, or remove it from `delivery.neighbors`',
})

export const neighborInTheWay = defineDiagnostic<{ taken: string }>({
  code: 'MESH4007',
  severity: 'error',
  summary: 'A neighbor has no path and no object that the environment has already',
  message: p => `the environment has ${p.taken} already`,
  help: () => 'rename the file or the object, or remove the file from `delivery.neighbors`',
})

export const patchTakesPurpose = defineDiagnostic<{ object: string; why: string; help: string }>({
  code: 'MESH4008',
  severity: 'error',
  summary: 'A patch keeps what other objects rely on: hosts, pods, action and mTLS',
  message: p => `this patch breaks what other objects expect of \`${p.object}\`: ${p.why}`,
  help: p => p.help,
})

export const objectRefused = defineDiagnostic<{ object: string; field: string; reason: string }>({
  code: 'MESH4011',
  severity: 'error',
  summary: 'A cluster accepts each raw or patched object',
  covers: ['IST0106'],
  message: p => `no cluster accepts \`${p.object}\`: ${p.field}${p.reason}`,
  help: () => 'correct it: the API server or the webhook of Istio refuses it',
})

export const objectOfOthers = defineDiagnostic<{ object: string; file: string; line: number }>({
  code: 'MESH4013',
  severity: 'error',
  summary: 'No object that meshc writes is in the surroundings',
  reads: ['surroundings'],
  message: p => `\`${p.object}\` is in the surroundings already: ${p.file}:${p.line}`,
  help: () =>
    'remove the object from that file, or rename the one in this spec: two owners overwrite each other',
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
  objectOfOthers,
] as const
