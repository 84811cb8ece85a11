import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser'
import type { MapParts } from './draw-map.ts'
import { servePlayground } from './serve-playground.ts'

/** The version of meshc, which the build of the site writes here. */
declare const meshcVersion: string

// In a worker, the global object is the port to the page; the types here are those of pages.
const port = globalThis as unknown as Worker
const connection = createConnection(new BrowserMessageReader(port), new BrowserMessageWriter(port))

servePlayground(connection, {
  version: meshcVersion,
  pageOf: code => new URL(`docs/diagnostics/${code}.html`, location.href).href,
  loadMapParts: async () => {
    const response = await fetch(new URL('map-parts.json', location.href))
    if (!response.ok) throw new Error(`map-parts.json: ${response.status}`)
    // Written by the build of the site.
    return (await response.json()) as MapParts
  },
})
connection.listen()
