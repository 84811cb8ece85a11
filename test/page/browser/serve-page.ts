import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LiveEvent } from '../../../compiler/map/live-events.ts'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { packPageData } from '../../../compiler/map/page-html.ts'
import { makePage } from '../support/make-page.ts'

/** A server of a live page, which a test controls. */
interface PageServer {
  readonly address: string
  /** Replaces the data in `page.json`, without an event to the page. */
  readonly change: (data: PageData) => void
  readonly send: (event: LiveEvent) => void
  /** Closes all connections, and accepts no connection until `start`. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

const token = '?token=abc'

/** Serves a live page, its events and its data to clients that know the token. */
export async function servePage(first: PageData): Promise<PageServer> {
  let data = first
  let streams: ServerResponse[] = []
  const server = createServer(async ({ url }, response) => {
    if (url === `/${token}`) {
      response.setHeader('content-type', 'text/html')
      response.end(await makePage(data, true))
    } else if (url === `/events${token}`) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      streams.push(response)
    } else if (url === `/page.json${token}`) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(packPageData(data)))
    } else {
      response.writeHead(404).end()
    }
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/${token}`,
    change: next => {
      data = next
    },
    send: event => {
      for (const stream of streams) stream.write(`data: ${JSON.stringify(event)}\n\n`)
    },
    stop: async () => {
      streams = []
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
    start: () => listen(port),
  }
}
