import { readFileSync } from 'node:fs'
import type { Request, Token } from '../../compiler/behavior/request.ts'
import type { Result } from '../../compiler/behavior/result.ts'
import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import { attempt } from '../files/system-error.ts'
import { traceRequests } from './answer-trace.ts'
import { loadMesh, splitCaller } from './mesh-at-hand.ts'
import { noteRefusals } from './refusals.ts'
import { parseClaims, type RequestWords } from './request-typed.ts'
import { isRequestServed } from './trace-json.ts'
import { traceText } from './trace-text.ts'

/** Follows one request through the mesh. Ends with 0 if it is served, 1 if it is not, or not everywhere. */
export async function runTrace(context: Context): Promise<ExitCode> {
  const { options, terminal } = context
  const { word, cluster } = splitCaller(options.word('from'))
  const mesh = await loadMesh(context, [], cluster)
  if (mesh === undefined) return 1
  noteRefusals(mesh, terminal)
  const { limitQuestions } = await import('../../compiler/behavior/index.ts')
  const ask = limitQuestions(readLimits(options))
  const answer = traceRequests(readRequestWords(context, word), mesh, ask)
  const { request, target, caller, result, refusals, owned, json } = answer
  const names = caller === undefined ? undefined : answer.names.join(', ')
  if (target.note !== undefined) terminal.note(`note: ${makeTextVisible(target.note)}`)
  if (options.has('json')) terminal.printJson(json)
  else {
    const paint = makePainter(terminal.color)
    const heading = makeTextVisible(`${makeRequestHeading(request, result, names)}  in ${mesh.name}`)
    const rows = traceText(result, mesh, terminal.color, refusals, owned)
    terminal.print([paint('strong', heading), '', ...rows].join('\n'))
  }
  return isRequestServed(result) ? 0 : 1
}

/** @param from the name of the caller; undefined: a client outside */
function readRequestWords({ argument, options }: Context, from: string | undefined): RequestWords {
  const file = options.word('jwt')
  return {
    line: argument,
    to: options.word('to'),
    from,
    through: options.word('through'),
    extAuthz: options.word('ext-authz'),
    ip: options.word('ip'),
    certificate: options.word('certificate'),
    headers: options.words('header'),
    isPlaintext: options.has('plaintext'),
    token: file === undefined ? undefined : readTokenFile(file),
  }
}

function readTokenFile(file: string): Token {
  const text = attempt(`\`${file}\` cannot be read`, () => readFileSync(file, 'utf8'))
  const help =
    '`--jwt` names a file with the claims as JSON: `{"iss": "https://login.example.com", "sub": "ann"}`'
  return parseClaims(text, file, help)
}

/** @param caller undefined: a client outside */
function makeRequestHeading(
  { from, to, protocol, method, path }: Request,
  { client }: Result,
  caller: string | undefined,
): string {
  const who = caller ?? `a client outside, through ${client}`
  const scheme = protocol === 'http' ? (from.scheme ?? 'http') : protocol
  return `${who} → ${scheme}://${to.host}:${to.port}${protocol === 'http' ? `  ${method} ${path}` : ''}`
}
