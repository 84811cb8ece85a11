import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { Request, Token } from '../../compiler/behavior/request.ts'
import { suggestName } from '../../compiler/diagnostics/suggest.ts'
import { isMap } from '../../compiler/source/document.ts'
import { parseJson } from '../../compiler/source/parse-json.ts'
import type { Options } from '../cli/command.ts'
import { attempt, Failure } from '../cli/failure.ts'
import { findCallers, type NamedCaller } from './caller-named.ts'
import { findGatewayFor, findGateways } from './gateway-named.ts'
import type { MeshAtHand } from './mesh-at-hand.ts'
import { findTarget, type Target } from './target-named.ts'

/** A request as a call of `meshc trace` has it, and what there is to say of it. */
interface TypedRequest {
  readonly request: Request
  readonly target: Target
  /** The caller, as a person knows it; undefined: a client outside. */
  readonly caller: string | undefined
}

/** The request that a call means, from each of the callers that it names. `line`: `POST /api/orders`. */
export function parseRequests(
  line: string | undefined,
  options: Options,
  mesh: Pick<MeshAtHand, 'model' | 'specNames'>,
): readonly TypedRequest[] {
  const to = options.word('to')
  if (to === undefined)
    throw new Failure(
      '`--to` is missing',
      'name what is called, as in `--to my-api` or `--to https://api.example.com`',
    )
  const from = options.word('from')
  const through = options.word('through')
  if (from !== undefined && through !== undefined)
    throw new Failure('`--from` names who asks, and `--through` is for clients outside', 'give one of them')
  const callers: readonly NamedCaller[] =
    from === undefined
      ? [{ kind: 'outside', gateways: findGateways(through, mesh.model) }]
      : findCallers(from, mesh, '--from')
  return callers.map(caller => getRequest(caller, to, line, options, mesh))
}

function getRequest(
  caller: NamedCaller,
  to: string,
  line: string | undefined,
  options: Options,
  mesh: Pick<MeshAtHand, 'model' | 'specNames'>,
): TypedRequest {
  const target = findTarget(to, mesh, caller.kind === 'outside' ? caller : caller.from)
  const { method, path } = lineTyped(line, target)
  if (!/^[!-~]*$/.test(path))
    throw new Failure(`\`${path}\` is no path of HTTP`, 'escape what is not ASCII, as in `/caf%C3%A9`')
  const extAuthz = options.word('ext-authz')
  if (extAuthz !== undefined && extAuthz !== 'allow' && extAuthz !== 'deny')
    throw new Failure(`\`--ext-authz\` is \`allow\` or \`deny\`, not \`${extAuthz}\``)
  const ip = options.word('ip')
  if (ip !== undefined && isIP(ip) === 0)
    throw new Failure(
      `\`${ip}\` is no IP address`,
      'write one as in `--ip 203.0.113.7` or `--ip 2001:db8::7`',
    )
  const file = options.word('jwt')
  const headers = headersTyped(options.words('header'))
  const request: Request = {
    from: { ...makeFrom(caller, target), ...(ip !== undefined && { ip }) },
    to: { host: target.host, port: target.port },
    protocol: target.protocol,
    ...(target.protocol === 'http' && { method, path }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...((options.has('plaintext') || (caller.kind === 'inside' && caller.hasNoSidecar)) && {
      plaintext: true,
    }),
    ...(extAuthz !== undefined && { extAuthz }),
    ...(file !== undefined && { jwt: tokenIn(file) }),
  }
  return { request, target, caller: caller.kind === 'inside' ? caller.name : undefined }
}

/** The caller of a request for a target: from outside, at the gateway that serves its host. */
export function makeFrom(caller: NamedCaller, { host, scheme }: Target): Request['from'] {
  if (caller.kind === 'inside') return caller.from
  const { namespace, labels } = findGatewayFor(host, caller.gateways)
  return { gateway: { namespace, labels }, scheme }
}

function lineTyped(line: string | undefined, { path: ofAddress, protocol }: Target) {
  if (line === undefined) return { method: 'GET', path: ofAddress ?? '/' }
  if (protocol !== 'http')
    throw new Failure(
      `what is called speaks ${protocol.toUpperCase()}, so there is no \`${line}\` to ask for`,
    )
  const [, first = '', second] = /^(\S+)(?:\s+(\S+))?$/.exec(line.trim()) ?? []
  if (first.startsWith('/')) return { method: 'GET', path: first }
  const isMethod = /^[A-Za-z]+$/.test(first)
  if (!isMethod || (second !== undefined && !second.startsWith('/')))
    throw new Failure(`\`${line}\` is no request`, "write a method and a path, as in `'POST /api/orders'`")
  const method = first.toUpperCase()
  const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
  if (!known.includes(method))
    throw new Failure(`there is no method \`${first}\``, suggestName(method, known))
  return { method, path: second ?? ofAddress ?? '/' }
}

function headersTyped(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map(word => {
      const [, name, value] = /^([\w!#$%&'*+.^`|~:-]+?)\s*:\s*(.*)$/.exec(word) ?? []
      if (name === undefined || value === undefined)
        throw new Failure(`\`${word}\` is no header`, "write a name and a value, as in `-H 'x-canary: 1'`")
      return [name, value]
    }),
  )
}

/** Claims as a JSON object; `iss` says who made the token. */
function tokenIn(file: string): Token {
  const text = attempt(`\`${file}\` cannot be read`, () => readFileSync(file, 'utf8'))
  const help =
    '`--jwt` names a file with the claims as JSON: `{"iss": "https://login.example.com", "sub": "ann"}`'
  const value = parseJson(text)
  if (value === undefined)
    throw new Failure(`\`${file}\` is no JSON, or beyond the bounds of what meshc reads`, help)
  if (!isMap(value) || typeof value['iss'] !== 'string')
    throw new Failure(`\`${file}\` has no claim \`iss\``, help)
  const { iss, sub, aud, ...claims } = value
  return {
    iss: String(iss),
    ...(typeof sub === 'string' && { sub }),
    ...(aud !== undefined && { aud: Array.isArray(aud) ? aud.map(String) : [String(aud)] }),
    ...(Object.keys(claims).length > 0 && { claims }),
  }
}
