import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The documents that a server gives, as they are now. */
export interface ServedPage {
  readonly html: string
  /** The JSON that the page draws itself anew with. */
  readonly json: string
}

/** A server of one page on loopback, which reports changes to open pages. */
export interface PageServer {
  /** The address with its token, without which a client gets no answer. */
  readonly url: string
  /** Sends the last event to every open page, and to each that opens later. */
  tell(event: unknown): void
  close(): void
}

/**
 * Starts a server that reads nothing and runs nothing: it answers GET for three paths, only on 127.0.0.1. A page of another origin
 * gets no answer: it does not know the token, its `Origin` differs, and a DNS name that was bound to this address is another `Host`.
 *
 * @param port 0: any free port
 */
export async function startPageServer(port: number, getPage: () => ServedPage): Promise<PageServer> {
  const token = randomBytes(24).toString('base64url')
  const listeners = new Set<ServerResponse>()
  let last: string | undefined
  const server = createServer((request, response) => {
    const refusal = findRefusal(request, server, token)
    if (refusal !== undefined) {
      sendAnswer(response, refusal.status, 'text/plain', `${refusal.words}\n`)
      return
    }
    switch (getRequestPath(request)) {
      case '/':
        return sendAnswer(response, 200, 'text/html', getPage().html)
      case '/page.json':
        return sendAnswer(response, 200, 'application/json', getPage().json)
      case '/events':
        response.writeHead(200, { ...responseHeaders, 'content-type': 'text/event-stream' })
        response.write(`retry: 1000\n\n${last ?? ''}`)
        listeners.add(response)
        response.on('close', () => listeners.delete(response))
        return
      default:
        return sendAnswer(response, 404, 'text/plain', 'there is no such page\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${getServerPort(server)}/?token=${token}`,
    tell(event) {
      last = `data: ${JSON.stringify(event)}\n\n`
      for (const listener of listeners) listener.write(last)
    },
    close() {
      for (const listener of listeners) listener.end()
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Refusal {
  readonly status: number
  readonly words: string
}

function findRefusal(request: IncomingMessage, server: Server, token: string): Refusal | undefined {
  const { method, headers: asked } = request
  const hosts = [`127.0.0.1:${getServerPort(server)}`, `localhost:${getServerPort(server)}`]
  if (!hosts.includes(asked.host ?? '')) return { status: 421, words: 'this server is for another host' }
  const { origin } = asked
  if (origin !== undefined && !hosts.some(host => origin === `http://${host}`))
    return { status: 403, words: 'pages of other origins get no answer' }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, words: 'this server only shows a page' }
  const given = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('token') ?? ''
  return isSameSecret(given, token)
    ? undefined
    : { status: 403, words: 'the address lacks the token that `meshc serve` has printed' }
}

function isSameSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const getRequestPath = ({ url = '/' }: IncomingMessage): string => new URL(url, 'http://127.0.0.1').pathname

const getServerPort = (server: Server): number => (server.address() as AddressInfo).port

const responseHeaders = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
}

function sendAnswer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { ...responseHeaders, 'content-type': `${type}; charset=utf-8` })
  response.end(text)
}
