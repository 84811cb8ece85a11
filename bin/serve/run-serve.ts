import { compare } from '../../compiler/diagnostics/compare.ts'
import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { makePageMesh } from '../../compiler/map/make-page-mesh.ts'
import type { PageEnvironment } from '../../compiler/map/page-data.ts'
import { packPageData } from '../../compiler/map/page-html.ts'
import { makeCompiledMesh } from '../behavior/compiled-mesh.ts'
import type { Context, ExitCode, Options } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { cleanUpOnInterrupt } from '../cli/interrupt.ts'
import { readLimits } from '../cli/limits.ts'
import { isSystemError } from '../files/system-error.ts'
import { watchFiles } from '../files/watch.ts'
import { printPage } from '../map/print-page.ts'
import { version } from '../package.ts'
import { type Compiled, compileEnvironments, describeTally } from '../project/compile-environments.ts'
import { listEnvironments, openProject } from '../project/project.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'
import { type PageServer, type ServedPage, startPageServer } from './page-server.ts'

/** Shows the maps of a project on loopback, and draws them anew after each edit of a spec, until a signal ends it. */
export async function runServe(context: Context): Promise<ExitCode> {
  const { options, terminal } = context
  const port = readPort(options)
  const project = openProject(options.word('project'))
  const drawn = new Map<string, Drawn>()
  let page: ServedPage | undefined
  let server: PageServer | undefined

  /** Draws the changes, and returns the files that were read; undefined if no reader takes the output. */
  const draw = async (): Promise<readonly string[] | undefined> => {
    const environments = listEnvironments(project, options.words('env'))
    const result = compileEnvironments(project.workspace, environments, terminal, readLimits(options))
    printReport('text', result, terminal, project.root)
    const files = [...result.sources.keys()]
    if (result.failed.length > 0) {
      terminal.print(`${describeTally(result)}; the map stays as it was`)
      server?.tell({ kind: 'diagnostics', diagnostics: convertDiagnostics(result) })
    } else {
      const pages = result.compiled.map(compiled => drawAnew(compiled, drawn, context))
      page = makeServedPage(pages)
      server?.tell({ kind: 'page' })
      terminal.print(
        `${listQuoted(pages.map(({ mesh }) => mesh!.name))} ${pages.length === 1 ? 'is' : 'are'} drawn`,
      )
    }
    await new Promise(resolve => setImmediate(resolve))
    return terminal.isUnread ? undefined : files
  }

  const read = await draw()
  if (read === undefined) return 0
  if (page === undefined) return 1
  server = await startServer(port, () => page!)
  const forget = cleanUpOnInterrupt(() => server?.close())
  terminal.print(server.url)
  terminal.note('watching spec/; Ctrl+C ends it')
  await watchFiles(project.root, read, draw)
  forget()
  server.close()
  return 0
}

/** A drawn environment, with the texts from which it was made. */
interface Drawn {
  readonly key: string
  readonly page: PageEnvironment
}

/** Draws an environment, unless its texts are those of the last time. */
function drawAnew(
  compiled: Compiled,
  drawn: Map<string, Drawn>,
  { options, terminal }: Context,
): PageEnvironment {
  const { name } = compiled.environment
  const key = JSON.stringify(
    [
      ...compiled.sources.map(source => [source.name, source.text]),
      ...compiled.compilation.surroundings.map(({ file, value }) => [file, value]),
    ].sort(([a], [b]) => compare(String(a), String(b))),
  )
  const last = drawn.get(name)
  if (last?.key === key) return last.page
  const mesh = { ...makeCompiledMesh(compiled), commandOptions: `--env ${name}` }
  const page = {
    mesh: makePageMesh(mesh, readLimits(options), host =>
      terminal.progress(`proving who gets through to ${host}`),
    ),
  }
  drawn.set(name, { key, page })
  return page
}

function makeServedPage(environments: readonly PageEnvironment[]): ServedPage {
  const data = { meshc: version, environments }
  return {
    html: printPage(data, true),
    json: JSON.stringify(packPageData(data)),
  }
}

async function startServer(port: number, getPage: () => ServedPage): Promise<PageServer> {
  try {
    return await startPageServer(port, getPage)
  } catch (error) {
    if (!isSystemError(error)) throw error
    const reason = error.code === 'EADDRINUSE' ? 'another program has it' : 'the system refuses it'
    throw new Failure(
      `port ${port} cannot be opened: ${reason}`,
      'leave out `--port`, and a free one is taken',
    )
  }
}

function readPort(options: Options): number {
  const word = options.word('port')
  if (word === undefined) return 0
  if (/^\d{1,5}$/.test(word) && Number(word) > 0 && Number(word) <= 65_535) return Number(word)
  throw new Failure(`\`${word}\` is no port`, 'a port is a number from 1 to 65535')
}
