import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/*
 * What a user starts; dist/meshc.cjs is made of it. It runs main.cjs, without compiling again what was compiled before.
 * Node 22.1 and later keep compiled code themselves. For Node 20 it lies in dist/, beside each module: bin/bundle.mjs
 * runs meshc once with MESHC_WARM_UP=1, which keeps the code of all functions that this run called. No other run writes.
 */

/** The length of a SHA-256, in bytes. */
const digestLength = 32

const isWarmUp = process.env['MESHC_WARM_UP'] === '1'
// A build is short: code must run four times as long as is usual before it is worth optimizing, and garbage of the first
// tenths of a second is not worth marking piece by piece. At 1,000 services that is a tenth of the time.
setFlagsFromString('--interrupt-budget=250000 --no-incremental-marking')
const require = createRequire(join(import.meta.dirname, 'meshc.cjs'))
const node: typeof nodeModule & { readonly enableCompileCache?: () => unknown } = nodeModule
if (node.enableCompileCache !== undefined) node.enableCompileCache()
else require.extensions['.cjs'] = load
require('./main.cjs')

/** Does what Node does to load a module, but for the compiled code. */
function load(module: NodeModule, file: string): void {
  const source = readFileSync(file)
  const cachedData = isWarmUp ? undefined : keptCode(file, source)
  const script = new Script(nodeModule.wrap(source.toString()), {
    filename: file,
    // So that positions in a stack trace are those in the file.
    columnOffset: -nodeModule.wrap('').indexOf('\n'),
    cachedData,
  })
  if (isWarmUp) process.on('exit', () => keepCode(file, source, script))
  const run = script.runInThisContext()
  run.call(
    module.exports,
    module.exports,
    (id: string) => module.require(id),
    module,
    file,
    import.meta.dirname,
  )
}

/** V8 refuses code of another version of itself. It would run code that is damaged, or was made from another source. */
function keptCode(file: string, source: Uint8Array): Buffer | undefined {
  const kept = readIfThere(cacheOf(file))
  if (kept === undefined) return undefined
  const code = kept.subarray(digestLength)
  return kept.subarray(0, digestLength).equals(digestOf(file, source, code)) ? code : undefined
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function keepCode(file: string, source: Uint8Array, script: Script): void {
  const code = script.createCachedData()
  const next = `${cacheOf(file)}.${process.pid}`
  writeFileSync(next, Buffer.concat([digestOf(file, source, code), code]))
  renameSync(next, cacheOf(file))
}

function cacheOf(file: string): string {
  return file.replace(/\.cjs$/, '.cache')
}

/** Of all that the code depends on; it holds the name of the file, for stack traces. */
function digestOf(file: string, source: Uint8Array, code: Uint8Array): Buffer {
  const { version, versions, arch } = process
  const circumstances = JSON.stringify([version, versions.v8, arch, file, source.length])
  return createHash('sha256').update(circumstances).update(source).update(code).digest()
}
