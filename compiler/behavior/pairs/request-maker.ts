import { noCertificate, unnamedClient } from '../client-certificate.ts'
import { plainRecord } from '../plain-record.ts'
import type { Request } from '../request.ts'
import type { RequestMaker, RequestSpace, TextDimension } from '../symbolic/request-space.ts'
import { anyAddress, type Target } from '../symbolic/sidecar-tree.ts'
import { makeToken, printAddress } from '../symbolic/token-forms.ts'
import type { CallerInModel } from './callers.ts'

/** Makes the maker of the requests of a workload to a destination. */
export function makeRequestMaker(caller: CallerInModel, target: Target): RequestMaker {
  const base = makePlainRequest(caller, target)
  return (space, point) => {
    const request = fillRequest(base, space, point)
    const hasAddress = caller.address !== undefined && caller.address !== anyAddress
    return hasAddress ? { ...request, from: base.from } : request
  }
}

/** The request of a workload to a destination, without method, path, headers and token. */
export const makePlainRequest = (
  { namespace, serviceAccount, labels, identity, hasSidecar }: CallerInModel,
  { host, port, protocol }: Target,
): Request => ({
  from: { namespace, serviceAccount, labels, ...(identity === undefined ? {} : { identity }) },
  to: { host, port },
  ...(protocol === 'http' ? {} : { protocol }),
  ...(hasSidecar ? {} : { plaintext: true }),
})

/** A request with the values of a point. */
export function fillRequest(base: Request, { dimensions }: RequestSpace, point: readonly number[]): Request {
  const headers = plainRecord<string>()
  const claims = plainRecord<string | readonly string[]>()
  const query: string[] = []
  let request = base
  let path = '/'
  for (const [index, dimension] of dimensions.entries()) {
    const atom = point[index]!
    switch (dimension.kind) {
      case 'authorizer':
        if (dimension.forms[atom] === 'deny')
          request = { ...request, extAuthz: [...(request.extAuthz ?? []), dimension.authorizer] }
        break
      case 'certificate':
        if (dimension.forms[atom] !== unnamedClient)
          request = {
            ...request,
            from: { ...request.from, certificate: dimension.forms[atom] ?? noCertificate },
          }
        break
      case 'address':
        request = { ...request, from: { ...request.from, ip: printAddress(dimension.forms[atom]!) } }
        break
      case 'token':
        break
      case 'text': {
        const value = dimension.values[atom]
        if (value === undefined) break
        const [kind, ...rest] = dimension.part.split(' ')
        const name = rest.join(' ')
        if (kind === 'claim') addToClaim(claims, name, dimension, value)
        else if (typeof value !== 'string') throw new Error('only a claim is a list')
        else if (kind === 'method') request = { ...request, method: value }
        else if (kind === 'path') path = value
        else if (kind === 'header') headers[name] = value
        else query.push(value === '' ? name : `${name}=${value}`)
      }
    }
  }
  for (const [index, dimension] of dimensions.entries()) {
    if (dimension.kind !== 'token') continue
    const form = dimension.forms[point[index]!]
    if (form !== undefined) request = { ...request, jwt: makeToken(form, claims) }
  }
  if (request.protocol !== undefined) return request
  return {
    ...request,
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  }
}

/**
 * Adds a text, or the items of a list, to a claim. One item is a text, unless it must be a list: conditions on the text do not
 * hold for a list, and words that blanks part may count as items.
 */
function addToClaim(
  claims: Record<string, string | readonly string[]>,
  name: string,
  { tests }: TextDimension,
  value: string | readonly string[],
): void {
  const items = [claims[name] ?? [], value].flat()
  const [first] = items
  const isList = typeof value !== 'string' && tests.some(({ compares }) => compares === 'text')
  if (isList || items.length > 1 || first?.includes(' '))
    claims[name] = typeof value === 'string' ? value : items
  else if (first !== undefined) claims[name] = first
}
