import { isRecord, readRecord } from '../../schema/json-schema.ts'
import type { Severity } from '../diagnostics/diagnostic.ts'

/** A finding of another tool about a manifest. */
export interface Finding {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** The address of the tool's explanation. */
  readonly address?: string
  /** The file and line that it names. */
  readonly file?: string
  readonly line?: number
  /** The object that it names, as `kind/namespace/name`; some tools write kinds in lower case. */
  readonly object?: string
  /** The part of the object: steps of a path. */
  readonly path?: readonly string[]
}

/** The findings of a tool, and which tool it is. */
interface Findings {
  readonly tool: string
  readonly findings: readonly Finding[]
}

/**
 * The findings in the JSON of `istioctl analyze -o json`, of an Argo CD Application, or of Kiali's validations; undefined for another
 * format.
 */
export function readFindings(value: unknown): Findings | undefined {
  if (Array.isArray(value) && value.every(isIstioMessage))
    return { tool: 'istioctl', findings: value.map(istioFinding) }
  const applications = applicationsIn(value)
  if (applications.length > 0) return { tool: 'Argo CD', findings: applications.flatMap(argoFindings) }
  const validations = [...kialiValidations(value, 0)]
  return validations.length === 0
    ? undefined
    : { tool: 'Kiali', findings: validations.flatMap(kialiFindings) }
}

type Entries = Readonly<Record<string, unknown>>

const findText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const readRecords = (value: unknown): readonly Entries[] =>
  Array.isArray(value) ? value.filter(isRecord) : []
const makeObjectName = (kind: string, namespace: string | undefined, name: string) =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`

// See https://github.com/istio/istio/blob/master/pkg/config/analysis/diag/message.go
const isIstioMessage = (value: unknown): value is Entries =>
  isRecord(value) && /^IST\d+$/.test(String(value['code'])) && typeof value['message'] === 'string'

function istioFinding(message: Entries): Finding {
  const [, kind, name] = /^(\w+) (\S+)$/.exec(findText(message['origin']) ?? '') ?? []
  const [, file, line] = /^(.+?)(?::(\d+))?$/.exec(findText(message['reference']) ?? '') ?? []
  const address = findText(message['documentationUrl'])
  return {
    code: String(message['code']),
    severity: message['level'] === 'Error' ? 'error' : 'warning',
    message: String(message['message']),
    ...(address !== undefined && { address }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line: Number(line) }),
    ...(kind !== undefined && { object: `${kind}/${name}` }),
  }
}

/** Finds one Application, a list of them, or several one after the other. */
function applicationsIn(value: unknown): readonly Entries[] {
  const values = Array.isArray(value) ? value : [value]
  return values.filter(isRecord).flatMap(oneRecord => {
    const items = readRecords(oneRecord['items'])
    return (items.length > 0 ? items : [oneRecord]).filter(item => {
      const isApplication = item['kind'] === 'Application' || isRecord(readRecord(item['status'])['sync'])
      return isApplication && isRecord(item['status'])
    })
  })
}

function argoFindings(application: Entries): readonly Finding[] {
  const status = readRecord(application['status'])
  const conditions = readRecords(status['conditions']).map(
    ({ type, message }): Finding => ({
      code: String(type),
      severity: /Error$/.test(String(type)) ? 'error' : 'warning',
      message: String(message),
    }),
  )
  const synced = readRecords(readRecord(readRecord(status['operationState'])['syncResult'])['resources'])
  const failed = synced
    .filter(
      ({ status, hookPhase }) => status === 'SyncFailed' || hookPhase === 'Failed' || hookPhase === 'Error',
    )
    .map(resource =>
      argoFinding(resource, 'SyncFailed', 'error', findText(resource['message']) ?? 'cannot be applied'),
    )
  const states = readRecords(status['resources']).flatMap(resource => {
    const { status: health, message } = readRecord(resource['health'])
    const isIll = health === 'Degraded' || health === 'Missing'
    return [
      ...(isIll
        ? [
            argoFinding(
              resource,
              String(health),
              'error',
              findText(message) ?? `is ${String(health).toLowerCase()}`,
            ),
          ]
        : []),
      ...(resource['status'] === 'OutOfSync'
        ? [argoFinding(resource, 'OutOfSync', 'warning', 'the cluster does not hold what is in git')]
        : []),
    ]
  })
  return [...conditions, ...failed, ...states]
}

const argoFinding = (resource: Entries, code: string, severity: Severity, message: string): Finding => ({
  code,
  severity,
  message,
  object: makeObjectName(String(resource['kind']), findText(resource['namespace']), String(resource['name'])),
})

/** Kiali nests its validations by kind and name, in lists or beside the object: every value with `checks` is one. */
function* kialiValidations(value: unknown, depth: number): Iterable<Entries> {
  if (depth > 8) return
  if (Array.isArray(value)) for (const entry of value) yield* kialiValidations(entry, depth + 1)
  if (!isRecord(value)) return
  const isValidation = Array.isArray(value['checks']) && typeof value['name'] === 'string'
  if (isValidation && (isRecord(value['objectGVK']) || typeof value['objectType'] === 'string')) yield value
  else for (const entry of Object.values(value)) yield* kialiValidations(entry, depth + 1)
}

function kialiFindings(validation: Entries): readonly Finding[] {
  const kind = findText(readRecord(validation['objectGVK'])['Kind']) ?? String(validation['objectType'])
  const object = makeObjectName(kind, findText(validation['namespace']), String(validation['name']))
  return readRecords(validation['checks']).map(check => ({
    code: findText(check['code']) ?? 'Kiali',
    severity: check['severity'] === 'error' ? 'error' : 'warning',
    message: String(check['message']),
    object,
    // Converts a path such as `spec/http[0]/route`; empty if the check has no place.
    path: (findText(check['path']) ?? '').split(/[/[\]]+/).filter(step => step !== ''),
  }))
}
