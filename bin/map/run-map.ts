import { writeFileSync } from 'node:fs'
import { printCount } from '../../compiler/diagnostics/counted.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import { makePageMesh } from '../../compiler/map/make-page-mesh.ts'
import { loadMesh } from '../behavior/mesh-at-hand.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { readLimits } from '../cli/limits.ts'
import { replaceFile } from '../files/replace-file.ts'
import { statIfThere } from '../files/stat-if-there.ts'
import { attempt } from '../files/system-error.ts'
import { version } from '../package.ts'
import { printPage } from './print-page.ts'
import { quoteWord } from './trace-command.ts'

/** Draws a mesh as one page of HTML, or prints its nodes and calls as JSON. Ends with 0. */
export async function runMap(context: Context): Promise<ExitCode> {
  const { options, terminal, words } = context
  const loaded = await loadMesh(context, words)
  if (loaded === undefined) return 1
  const mesh = makePageMesh(
    { ...loaded, commandOptions: printMeshOptions(context) },
    readLimits(options),
    host => terminal.progress(`proving who gets through to ${host}`),
  )
  const { nodes, calls, callers, callerSets } = mesh.map
  if (options.has('json')) {
    terminal.printJson({
      ok: true,
      mesh: mesh.name,
      assumed: mesh.assumed,
      nodes,
      calls,
      callers,
      callerSets,
    })
    return 0
  }
  const html = printPage({ meshc: version, environments: [{ mesh }] })
  const file = options.word('output') ?? 'mesh.html'
  if (file === '-') {
    terminal.printDocument(html)
    return 0
  }
  attempt(`\`${file}\` cannot be written`, () => writeMapFile(file, `${html}\n`))
  const size = `${Math.round(Buffer.byteLength(html) / 1000)} kB`
  terminal.print(
    makeTextVisible(
      `${file}: ${printCount(nodes.length, 'node')} and ${printCount(calls.length, 'call')} of ${mesh.name}, ${size}`,
    ),
  )
  return 0
}

/** Writes a file in one step. A device or a pipe is written to as it is, never replaced. */
function writeMapFile(file: string, text: string): void {
  const isSpecial = statIfThere(file)?.isFile() === false
  if (isSpecial) writeFileSync(file, text)
  else replaceFile(file, text)
}

/** Prints the options that select the mesh of a call in another command. */
function printMeshOptions({ options, words }: Context): string {
  const list = (name: string, values: readonly string[]) =>
    values.map(value => `--${name} ${quoteWord(value)}`)
  return [
    ...list('env', options.words('env')),
    ...list('manifests', [...words, ...options.words('manifests')]),
    ...list('mesh-config', options.words('mesh-config')),
  ].join(' ')
}
