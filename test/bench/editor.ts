import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CodeActionRequest,
  DefinitionRequest,
  HoverRequest,
  ReferencesRequest,
  RenameRequest,
} from 'vscode-languageserver-protocol/node'
import { coarsestClock } from '../../bin/files/coarsest-clock.ts'
import { startLanguageClient } from '../support/language-client.ts'
import { ended, startMeshc } from '../support/meshc.ts'
import { benchServices, benchSpec } from './mesh.ts'

/**
 * `npm run bench:editor [-- SIZE…]`: measures how long an editor waits for `meshc lsp` after a typed letter.
 * The letter is in a mesh.yaml, in a mesh.yaml with a warning, or in a base that three environments extend,
 * and comes after some other letters. Prints medians of seven, in milliseconds. If a step of a check takes
 * long, diagnostics wait for a pause in typing. Then measures how long `meshc build --watch` takes from the
 * change of a timeout in a mesh.yaml to the changed files in out/.
 */
const meshc = fileURLToPath(new URL('../../dist/meshc.cjs', import.meta.url))
/**
 * The number of letters typed before the measurement: an editor is open for hours, and frequent code gets
 * faster.
 */
const typedBefore = 15
const words = process.argv.slice(2).map(Number)
const sizes = words.length > 0 ? words : [100, 1000, 5000]
const columns = ['opened', 'diagnostics', 'hover', 'definition', 'references', 'rename', 'code action']
console.log(['services', 'file', ...columns].map(cell => cell.padStart(12)).join(''))
for (const size of sizes) {
  await measure(size, 'alone')
  await measure(size, 'warned')
  await measure(size, 'base of 3')
}
console.log(['services', 'build --watch'].map(cell => cell.padStart(14)).join(''))
for (const size of sizes) await measureWatch(size)

async function measure(size: number, kind: 'alone' | 'warned' | 'base of 3'): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'meshc-bench-'))
  const put = (file: string, text: string) => {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  // A folder with another name than its environment has a warning; a base has no name of an environment.
  const file = `spec/${{ alone: 'bench', warned: 'folder', 'base of 3': 'base' }[kind]}/mesh.yaml`
  const spec = benchSpec(benchServices(size))
  put(file, kind === 'base of 3' ? spec.replace('environment: bench\n', '') : spec)
  if (kind === 'base of 3')
    for (const name of ['dev', 'staging', 'prod'])
      put(`spec/${name}/mesh.yaml`, `meshc: v1\nenvironment: ${name}\nextends: ../base/mesh.yaml\n`)
  const began = performance.now()
  const client = await startLanguageClient([process.execPath, meshc, 'lsp', '--stdio'], root)
  await client.open(file)
  await client.until(file, () => true)
  const opened = performance.now() - began
  const textDocument = { uri: client.uriOf(file) }
  const name = 'svc-00007'
  const untilChecked = async () => {
    const length = client.diagnosticsOf(file).length
    await client.until(file, () => client.diagnosticsOf(file).length > length)
  }
  for (let letter = 0; letter < typedBefore; letter++) {
    await client.type(file, 'meshc: v1', 'meshc: v1 ')
    await untilChecked()
  }
  const requests = [
    untilChecked,
    () => client.connection.sendRequest(HoverRequest.type, place('timeout:')),
    () => client.connection.sendRequest(DefinitionRequest.type, place(`from: ${name}`, 8)),
    () =>
      client.connection.sendRequest(ReferencesRequest.type, {
        ...place(`${name}:`),
        context: { includeDeclaration: true },
      }),
    () => client.connection.sendRequest(RenameRequest.type, { ...place(`${name}:`), newName: 'renamed' }),
    () =>
      client.connection.sendRequest(CodeActionRequest.type, {
        textDocument,
        range: { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } },
        context: { diagnostics: [] },
      }),
  ]
  const medians: number[] = []
  for (const request of requests) {
    const times: number[] = []
    for (let turn = 0; turn < 7; turn++) {
      await client.type(file, 'meshc: v1', 'meshc: v1 ')
      const start = performance.now()
      await request()
      times.push(performance.now() - start)
    }
    medians.push(times.toSorted((a, b) => a - b)[3]!)
  }
  await client.stop()
  rmSync(root, { recursive: true })
  const figures = [opened, ...medians].map(time => time.toFixed(0).padStart(12))
  console.log(`${String(size).padStart(12)}${kind.padStart(12)}${figures.join('')}`)

  function place(text: string, offset = 0) {
    return { textDocument, position: client.positionOf(file, text, offset) }
  }
}

async function measureWatch(size: number): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'meshc-bench-'))
  const file = join(root, 'spec/bench/mesh.yaml')
  mkdirSync(join(file, '..'), { recursive: true })
  const spec = benchSpec(benchServices(size))
  const save = (turn: number) => writeFileSync(file, spec.replace(/timeout: .*/, `timeout: ${100 + turn}s`))
  save(0)
  const watcher = startMeshc(root, ['build', '--watch'])
  const end = ended(watcher)
  const untilBuilt = () =>
    new Promise<void>(resolve => {
      const listen = (text: string) => {
        if (!/^\d+ ms: /m.test(text)) return
        watcher.stdout?.off('data', listen)
        resolve()
      }
      watcher.stdout?.on('data', listen)
    })
  await untilBuilt()
  const times: number[] = []
  for (let turn = 1; turn <= typedBefore + 7; turn++) {
    // The watch starts shortly after a build, and relies on the dates of files that are not young.
    await wait(turn === 1 ? coarsestClock + 100 : 100)
    const start = performance.now()
    save(turn)
    await untilBuilt()
    if (turn > typedBefore) times.push(performance.now() - start)
  }
  watcher.kill('SIGINT')
  await end
  rmSync(root, { recursive: true })
  const median = times.toSorted((a, b) => a - b)[3]!
  console.log(`${String(size).padStart(14)}${median.toFixed(0).padStart(14)}`)
}
