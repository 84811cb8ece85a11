import { type Limits, limitQuestions } from '../../compiler/behavior/budget.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import type { FormAnswer, FormRequest, TraceDocument } from '../../compiler/map/answers.ts'
import type { PageMesh } from '../../compiler/map/page-data.ts'
import { traceRequests } from '../behavior/answer-trace.ts'
import type { MeshAtHand } from '../behavior/mesh.ts'
import { parseClaims } from '../behavior/request-typed.ts'
import { Failure } from '../cli/failure.ts'
import { printTraceCommand } from './trace-command.ts'

/** Follows the request of a form, as `meshc trace` does, and reports invalid words in the same way. */
export function answerForm(form: FormRequest, page: PageMesh, mesh: MeshAtHand, limits: Limits): FormAnswer {
  try {
    const { from, to, method, path, headers, claims, plaintext } = form
    const line = [method, path].filter(word => word.trim() !== '').join(' ')
    const { json, result } = traceRequests(
      {
        line: line === '' ? undefined : line,
        to: to === '' ? undefined : to,
        from: from === '' ? undefined : from,
        through: undefined,
        extAuthz: undefined,
        ip: undefined,
        certificate: undefined,
        headers,
        isPlaintext: plaintext,
        token:
          claims.trim() === ''
            ? undefined
            : parseClaims(
                claims,
                'claims',
                'write the claims as JSON: `{"iss": "https://login.example.com", "sub": "ann"}`',
              ),
      },
      mesh,
      limitQuestions(limits),
    )
    return {
      kind: 'result',
      json: json as TraceDocument,
      command: printTraceCommand(form, page.commandOptions),
      way: listWay(page, result),
    }
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure
    const { message, help } = failure
    return { kind: 'failure', message, ...(help !== undefined && { help }) }
  }
}

/** Lists the ids of the nodes on the way of a request: first its sender, then its destinations. */
function listWay({ map: { nodes } }: PageMesh, { client, mode, outcomes }: Result): readonly string[] {
  const idOf = (workload: string) =>
    nodes.find(({ versions }) => versions.some(version => version.workload === workload))?.id
  const hosts = outcomes.flatMap(({ cluster }) => cluster?.split('|')[3] ?? [])
  return [
    ...new Set(
      [
        ...(mode === 'gateway' ? ['internet'] : []),
        idOf(client) ?? 'anyone',
        ...outcomes.flatMap(({ workload }) => (workload === undefined ? [] : [idOf(workload)])),
        ...nodes.filter(node => node.hosts.some(host => hosts.includes(host))).map(({ id }) => id),
      ].filter(id => id !== undefined),
    ),
  ]
}
