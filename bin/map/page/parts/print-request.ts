import type { Request } from '../../../../compiler/behavior/request.ts'

/** Describes a request in a line: `POST my-api:8080/api/orders, x-canary: 1`. */
export function printRequest({ to, protocol, method, path, headers, jwt }: Request): string {
  const address = `${to.host}${to.port === undefined ? '' : `:${to.port}`}`
  if (protocol === 'tcp' || protocol === 'tls') return `${protocol} ${address}`
  return [
    `${method ?? 'GET'} ${address}${path ?? '/'}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(jwt === undefined ? [] : [`token of ${jwt.iss}${jwt.sub === undefined ? '' : ` for ${jwt.sub}`}`]),
  ].join(', ')
}
