import type { Request } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import { painter } from '../../compiler/diagnostics/frames.ts'
import { visible } from '../../compiler/diagnostics/visible.ts'
import { meshAtHand, meshOptions } from '../behavior/mesh-at-hand.ts'
import { noteRefusals } from '../behavior/refusals.ts'
import { requestTyped } from '../behavior/request-typed.ts'
import { traceJson } from '../behavior/trace-json.ts'
import { traceText } from '../behavior/trace-text.ts'
import { type Command, jsonOption, projectOption } from '../command.ts'
import { limitOptions, limitsOf } from '../limits.ts'

/** Follows one request through the mesh. Ends with 0 if it is served, 1 if it is not, or not everywhere. */
export const trace: Command = {
  name: 'trace',
  argument: '[request]',
  summary: 'Follow a request through the mesh: route, encryption, policies, verdict, each with its line',
  options: [
    { flag: '--from <workload>', summary: 'Who asks: a workload (default: a client outside)' },
    { flag: '--through <gateway>', summary: 'The gateway of a client outside (default: the only one)' },
    { flag: '--to <host>', summary: 'What is asked: my-api, my-api:8080, https://api.example.com/v1' },
    { flag: '-H, --header <header>', isRepeatable: true, summary: 'A header, as in `x-canary: 1`' },
    { flag: '--jwt <file>', values: 'files', summary: 'A token with the claims in a JSON file' },
    { flag: '--plaintext', summary: 'The caller has no sidecar' },
    { flag: '--ip <address>', summary: 'The address of the caller' },
    {
      flag: '--ext-authz <answer>',
      values: ['allow', 'deny'],
      summary: 'What the provider of a CUSTOM policy answers (default: allow)',
    },
    ...meshOptions,
    ...limitOptions,
    jsonOption,
    projectOption,
  ],
  example: "meshc trace --env prod --from web --to my-api 'POST /api/orders' -H 'x-canary: 1'",
  async run(context) {
    const { argument, options, console } = context
    const mesh = await meshAtHand(context)
    if (mesh === undefined) return 1
    noteRefusals(mesh, console)
    const { request, target } = requestTyped(argument, options, mesh.model)
    const { evaluate, limitQuestions, unknownResult } = await import('../../compiler/behavior/index.ts')
    const result = limitQuestions(limitsOf(options))(
      () => evaluate(mesh.model, request),
      reason => unknownResult(mesh.model, request, reason),
    )
    if (target.note !== undefined) console.note(`note: ${visible(target.note)}`)
    if (options.has('json')) console.printJson(traceJson(request, result, mesh))
    else {
      const paint = painter(console.color)
      const heading = visible(`${headingOf(request, result)}  in ${mesh.name}`)
      console.print([paint('strong', heading), '', ...traceText(result, mesh, console.color)].join('\n'))
    }
    return isServed(result) ? 0 : 1
  },
}

function headingOf({ from, to, protocol, method, path }: Request, { client, mode }: Result): string {
  const who = mode === 'gateway' ? `a client outside, through ${client}` : client
  const scheme = protocol === 'http' ? (from.scheme ?? 'http') : protocol
  return `${who} → ${scheme}://${to.host}:${to.port}${protocol === 'http' ? `  ${method} ${path}` : ''}`
}

const isServed = ({ verdict, outcomes }: Result): boolean =>
  verdict !== 'UNKNOWN' &&
  outcomes.length > 0 &&
  outcomes.every(({ verdict: of, status }) => of === 'ALLOW' || (status !== undefined && status < 400))
