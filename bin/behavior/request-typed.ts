import { isAddress } from '../../compiler/behavior/address-ranges.ts'
import type { Request, Token } from '../../compiler/behavior/request.ts'
import { suggestName } from '../../compiler/diagnostics/suggest.ts'
import { isMap } from '../../compiler/source/document.ts'
import { parseJson } from '../../compiler/source/parse-json.ts'
import { Failure } from '../cli/failure.ts'
import { findCallers, type NamedCaller } from './caller-named.ts'
import { findGatewayFor, findGateways } from './gateway-named.ts'
import type { MeshAtHand } from './mesh.ts'
import { findTarget, type Target } from './target-named.ts'

/** A request from a call of `meshc trace`, and the notes about it. */
interface TypedRequest {
  readonly request: Request
  readonly target: Target
  /** The caller, as a person knows it; undefined: a client outside. */
  readonly caller: string | undefined
}

/** The words of a request: of a call of `meshc trace`, or of the form of a map. */
export interface RequestWords {
  /** `POST /api/orders`. */
  readonly line: string | undefined
  readonly to: string | undefined
  readonly from: string | undefined
  readonly through: string | undefined
  readonly extAuthz: string | undefined
  readonly ip: string | undefined
  /** `x-canary: 1`. */
  readonly headers: readonly string[]
  readonly isPlaintext: boolean
  /** The name in the certificate of an outside client, or `none`. */
  readonly certificate: string | undefined
  readonly token: Token | undefined
}

/** The request that words mean, from each of the callers that they name. */
export function parseRequests(
  words: RequestWords,
  mesh: Pick<MeshAtHand, 'model' | 'specNames' | 'remoteWorkloads'>,
): readonly TypedRequest[] {
  const { to, from, through } = words
  if (to === undefined)
    throw new Failure(
      '`--to` is missing',
      'name what is called, as in `--to my-api` or `--to https://api.example.com`',
    )
  if (from !== undefined && through !== undefined)
    throw new Failure('`--from` names who asks, and `--through` is for clients outside', 'give one of them')
  const callers: readonly NamedCaller[] =
    from === undefined
      ? [{ kind: 'outside', gateways: findGateways(through, mesh.model) }]
      : findCallers(from, mesh, '--from')
  return callers.map(caller => makeTypedRequest(caller, to, words, mesh))
}

function makeTypedRequest(
  caller: NamedCaller,
  to: string,
  { line, extAuthz, ip, certificate, headers: lines, isPlaintext, token }: RequestWords,
  mesh: Pick<MeshAtHand, 'model' | 'specNames' | 'remoteWorkloads'>,
): TypedRequest {
  const target = findTarget(to, mesh, caller.kind === 'outside' ? caller : caller.from)
  const { method, path } = parseRequestLine(line, target)
  if (!/^[!-~]*$/.test(path))
    throw new Failure(`\`${path}\` is no path of HTTP`, 'escape what is not ASCII, as in `/caf%C3%A9`')
  if (extAuthz !== undefined && extAuthz !== 'allow' && extAuthz !== 'deny')
    throw new Failure(`\`--ext-authz\` is \`allow\` or \`deny\`, not \`${extAuthz}\``)
  if (ip !== undefined && !isAddress(ip))
    throw new Failure(
      `\`${ip}\` is no IP address`,
      'write one as in `--ip 203.0.113.7` or `--ip 2001:db8::7`',
    )
  if (certificate !== undefined && caller.kind === 'inside')
    throw new Failure(
      '`--certificate` is for a client outside: a workload shows the certificate of its service account',
      'leave out `--from` or `--certificate`',
    )
  const headers = parseHeaders(lines)
  const request: Request = {
    from: {
      ...makeFrom(caller, target),
      ...(ip !== undefined && { ip }),
      ...(certificate !== undefined && { certificate }),
    },
    to: { host: target.host, port: target.port },
    protocol: target.protocol,
    ...(target.protocol === 'http' && { method, path }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...((isPlaintext || (caller.kind === 'inside' && caller.hasNoSidecar)) && { plaintext: true }),
    ...(extAuthz !== undefined && { extAuthz }),
    ...(token !== undefined && { jwt: token }),
  }
  return { request, target, caller: caller.kind === 'inside' ? caller.name : undefined }
}

/** The caller of a request for a target: from outside, at the gateway that serves its host. */
export function makeFrom(caller: NamedCaller, { host, scheme }: Target): Request['from'] {
  if (caller.kind === 'inside') return caller.from
  const { namespace, labels } = findGatewayFor(host, caller.gateways)
  return { gateway: { namespace, labels }, scheme }
}

function parseRequestLine(line: string | undefined, { path: ofAddress, protocol }: Target) {
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
  const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
  if (!knownMethods.includes(method))
    throw new Failure(`there is no method \`${first}\``, suggestName(method, knownMethods))
  return { method, path: second ?? ofAddress ?? '/' }
}

function parseHeaders(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map(word => {
      const [, name, value] = /^([\w!#$%&'*+.^`|~:-]+?)\s*:\s*(.*)$/.exec(word) ?? []
      if (name === undefined || value === undefined)
        throw new Failure(`\`${word}\` is no header`, "write a name and a value, as in `-H 'x-canary: 1'`")
      return [name, value]
    }),
  )
}

/**
 * Reads the claims of a token as a JSON object; `iss` is the issuer of the token.
 *
 * @param place the place of the text: a file, or the field of a form
 */
export function parseClaims(text: string, place: string, help: string): Token {
  const value = parseJson(text)
  if (value === undefined)
    throw new Failure(`\`${place}\` is no JSON, or beyond the bounds of what meshc reads`, help)
  if (!isMap(value) || typeof value['iss'] !== 'string')
    throw new Failure(`\`${place}\` has no claim \`iss\``, help)
  const { iss, sub, aud, ...claims } = value
  return {
    iss: String(iss),
    ...(typeof sub === 'string' && { sub }),
    ...(aud !== undefined && { aud: Array.isArray(aud) ? aud.map(String) : [String(aud)] }),
    ...(Object.keys(claims).length > 0 && { claims }),
  }
}
