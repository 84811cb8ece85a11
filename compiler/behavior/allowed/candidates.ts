import type { BehaviorModel, HttpMatch, Pattern } from '../model.ts'
import type { Request, Token } from '../request.ts'

/** A class of requests to one port, with its distinguishing fields. */
export interface Candidate {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly token: Token | undefined
}

/** The class of requests without distinguishing fields. */
export const plainCandidate: Candidate = { method: undefined, path: undefined, headers: {}, token: undefined }

/** Requests that take each of the routes of a host. The first request has no conditions. */
export function listCandidates(model: BehaviorModel, { to }: Request): readonly Candidate[] {
  const host = to.host.toLowerCase()
  const matches = model.virtualServices
    .filter(({ hosts }) =>
      hosts.some(
        givenHost => givenHost === host || (givenHost.startsWith('*') && host.endsWith(givenHost.slice(1))),
      ),
    )
    .flatMap(({ http }) => http.flatMap(rule => rule.matches))
  const candidates = new Map<string, Candidate>()
  for (const candidate of [plainCandidate, ...matches.map(makeMeetingCandidate)])
    candidates.set(JSON.stringify(candidate), candidate)
  return [...candidates.values()]
}

/** The class of requests that meet a match of a route. */
export const makeMeetingCandidate = ({ uri, method, headers }: HttpMatch): Candidate => ({
  method: method && makeMatchingText(method),
  path: uri && makeMatchingText(uri),
  headers: Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith('@'))
      .map(([name, pattern]) => [name, makeMatchingText(pattern) ?? 'x']),
  ),
  token: undefined,
})

/** The class of a request that is known. */
export const makeCandidate = ({ method, path, headers = {}, jwt }: Request): Candidate => ({
  method,
  path,
  headers,
  token: jwt,
})

/** A text that matches a pattern; undefined for a regular expression: this function makes no text for it. */
export function makeMatchingText(pattern: Pattern): string | undefined {
  switch (pattern.match) {
    case 'present':
      return 'x'
    case 'exact':
    case 'prefix':
      return pattern.value
    case 'suffix':
      return `x${pattern.value}`
    case 'template':
      return pattern.value.replace(/\{\*\*?\}/g, 'x')
    case 'regex':
      return pattern.value === '.+' || pattern.value === '.*' ? 'x' : undefined
  }
}

/** A request of the same caller to the same port with the fields of a candidate. */
export function makeCandidateRequest(request: Request, { method, path, headers, token }: Candidate): Request {
  if (request.protocol !== undefined && request.protocol !== 'http') return request
  return {
    ...request,
    method: method ?? request.method ?? 'GET',
    path: path ?? request.path ?? '/',
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(token !== undefined && { jwt: token }),
  }
}
