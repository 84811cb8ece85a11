import type { Request } from '../../compiler/behavior/request.ts'
import type { FormRequest } from '../../compiler/map/answers.ts'

/** Prints the command that asks in a terminal for the request of a form. */
export function printTraceCommand(form: FormRequest, commandOptions: string): string {
  const { from, to, method, path, headers, claims, plaintext } = form
  return [
    'meshc trace',
    ...(commandOptions === '' ? [] : [commandOptions]),
    ...(from === '' ? [] : [`--from ${quoteWord(from)}`]),
    `--to ${quoteWord(to)}`,
    ...(method === '' && path === ''
      ? []
      : [quoteWord([method, path].filter(word => word !== '').join(' '))]),
    ...headers.map(header => `-H ${quoteWord(header)}`),
    ...(plaintext ? ['--plaintext'] : []),
    // A shell that reads a here-string names it as a file.
    ...(claims.trim() === '' ? [] : [`--jwt <(echo ${quoteWord(claims)})`]),
  ].join(' ')
}

/** Makes one word of a shell of a text. */
export const quoteWord = (text: string): string =>
  /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** Turns an example request into the words of a form; the caller as the map names it. */
export function makeForm(request: Request, from: string): FormRequest {
  const { to, protocol = 'http', method = 'GET', path = '/', headers = {}, jwt, plaintext } = request
  const scheme = request.from.gateway === undefined ? '' : `${request.from.scheme ?? 'http'}://`
  return {
    from,
    to: `${scheme}${to.host}${to.port === undefined ? '' : `:${to.port}`}`,
    method: protocol === 'http' ? method : '',
    path: protocol === 'http' ? path : '',
    headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    claims:
      jwt === undefined
        ? ''
        : JSON.stringify({
            iss: jwt.iss,
            ...(jwt.sub !== undefined && { sub: jwt.sub }),
            ...(jwt.aud !== undefined && { aud: jwt.aud }),
            ...jwt.claims,
          }),
    plaintext: plaintext === true,
  }
}
