import type { Request } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { loadMesh, meshOptions } from '../behavior/mesh-at-hand.ts'
import { noteRefusals } from '../behavior/refusals.ts'
import { parseRequests } from '../behavior/request-typed.ts'
import { shareAnswer } from '../behavior/shared-answer.ts'
import { isServed, traceJson } from '../behavior/trace-json.ts'
import { traceText } from '../behavior/trace-text.ts'
import { type Command, jsonOption, projectOption } from '../cli/command.ts'
import { limitOptions, readLimits } from '../cli/limits.ts'

/** Follows one request through the mesh. Ends with 0 if it is served, 1 if it is not, or not everywhere. */
export const trace: Command = {
  name: 'trace',
  argument: '[request]',
  summary: 'Follow a request through the mesh: route, encryption, policies, verdict, each with its line',
  options: [
    {
      flag: '--from <caller>',
      values: 'callers',
      summary: 'The caller: a workload, a service, gateway/public, anyone (default: a client outside)',
    },
    {
      flag: '--through <gateway>',
      summary: 'The gateway of a client outside (default: the one that serves the host)',
    },
    {
      flag: '--to <host>',
      values: 'targets',
      summary: 'The destination: my-api, my-api:8080, external/stripe, https://api.example.com/v1',
    },
    { flag: '-H, --header <header>', isRepeatable: true, summary: 'A header, as in `x-canary: 1`' },
    { flag: '--jwt <file>', values: 'files', summary: 'A token with the claims in a JSON file' },
    { flag: '--plaintext', summary: 'The caller has no sidecar' },
    { flag: '--ip <address>', summary: 'The address of the caller' },
    {
      flag: '--ext-authz <answer>',
      values: ['allow', 'deny'],
      summary: 'The answer of the provider of a CUSTOM policy (default: allow)',
    },
    ...meshOptions,
    ...limitOptions,
    jsonOption,
    projectOption,
  ],
  example: "meshc trace --env prod --from web --to my-api 'POST /api/orders' -H 'x-canary: 1'",
  exitCodes: {
    0: 'the request is served at every destination',
    1: 'it is refused somewhere, or the answer is unknown, or the spec has errors',
    2: 'a name does not exist, or the call is wrong',
  },
  async run(context) {
    const { argument, options, terminal } = context
    const mesh = await loadMesh(context)
    if (mesh === undefined) return 1
    noteRefusals(mesh, terminal)
    const requests = parseRequests(argument, options, mesh)
    const {
      evaluate,
      limitQuestions,
      makeUnknownResult: unknownResult,
    } = await import('../../compiler/behavior/index.ts')
    const ask = limitQuestions(readLimits(options))
    const answers = requests.map(({ request, target, caller }) => {
      const result = ask(
        () => evaluate(mesh.model, request),
        reason => unknownResult(mesh.model, request, reason),
      )
      const json = traceJson(request, result, mesh)
      const name = caller ?? result.client
      return { name, caller, request, target, result, json, comparable: { ...json, request: {}, client: '' } }
    })
    const word = { word: options.word('from') ?? '', what: '--from' }
    const { request, target, caller, result, json } = shareAnswer(word, answers)
    const names = caller === undefined ? undefined : answers.map(({ name }) => name).join(', ')
    if (target.note !== undefined) terminal.note(`note: ${makeTextVisible(target.note)}`)
    if (options.has('json')) terminal.printJson(json)
    else {
      const paint = makePainter(terminal.color)
      const heading = makeTextVisible(`${getHeading(request, result, names)}  in ${mesh.name}`)
      terminal.print([paint('strong', heading), '', ...traceText(result, mesh, terminal.color)].join('\n'))
    }
    return isServed(result) ? 0 : 1
  },
}

/** @param caller undefined: a client outside */
function getHeading(
  { from, to, protocol, method, path }: Request,
  { client }: Result,
  caller: string | undefined,
): string {
  const who = caller ?? `a client outside, through ${client}`
  const scheme = protocol === 'http' ? (from.scheme ?? 'http') : protocol
  return `${who} → ${scheme}://${to.host}:${to.port}${protocol === 'http' ? `  ${method} ${path}` : ''}`
}
