import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { oracle } from '../oracle/tools.ts'

/** A Helm repository on loopback, since some machines do not reach Istio's repository. */
export interface ChartRepository {
  readonly url: string
  readonly stop: () => void
}

/** Serves Istio's charts for the installation of the mesh, as the release of a version. */
export async function startChartRepository(directory: string, version: string): Promise<ChartRepository> {
  const { helm, chart } = await oracle()
  const charts = join(directory, 'charts')
  await mkdir(charts)
  const helmOrThrow = async (...words: readonly string[]) => {
    const { status, stderr } = await helm(words)
    if (status !== 0) throw new Error(`helm ${words.join(' ')} ended with ${status}: ${stderr}`)
  }
  for (const name of ['base', 'istiod', 'gateway'] as const) {
    await helmOrThrow('package', chart(name), '--version', version, '--destination', charts)
  }
  await helmOrThrow('repo', 'index', charts)
  const server = createServer(({ url = '/' }, response) => {
    // The URLs of an index are file names without a folder.
    readFile(join(charts, url.split('/').at(-1)!)).then(
      content => response.end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  // While a TCP server listens, its address has this shape.
  const { port } = server.address() as { readonly port: number }
  return {
    url: `http://127.0.0.1:${port}/charts`,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
