import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import type * as v8 from 'node:v8'
import { Script } from 'node:vm'
import { locateCache } from './files/cache-folder.ts'
import { shortRunFlags } from './flags.ts'

/**
 * The program that a user starts, the source of dist/meshc.cjs. It runs cli.cjs, which answers a call for help or a version by
 * itself. For other calls, cli.cjs loads other modules of dist/, each with its compiled code. Node 22.1 and later cache compiled code
 * themselves, in a folder that this module sets: their default is below the temporary files of all users. For Node 20 the code is in
 * dist/, beside each module: bin/build/bundle.mjs runs meshc with MESHC_WARM_UP=1, which writes the code of all functions that a run
 * calls. No other run writes. A user who may write in dist/ may change the modules themselves.
 */

/** The modules of Node itself that a build loads: their compiled code is valid only under the flags of its start. */
const modulesOfNode = ['node:crypto', 'node:os', 'node:timers/promises']

const isWarmUp = process.env['MESHC_WARM_UP'] === '1'
const require = createRequire(join(import.meta.dirname, 'meshc.cjs'))
const node: typeof nodeModule & { readonly enableCompileCache?: (folder: string) => unknown } = nodeModule
let areFlagsSet = false
if (node.enableCompileCache !== undefined) {
  // With NODE_COMPILE_CACHE, Node has enabled it in the folder of the user.
  const folder = process.env['NODE_COMPILE_CACHE'] === undefined ? locateCache() : undefined
  if (folder !== undefined) node.enableCompileCache(folder)
} else {
  require.extensions['.cjs'] = (module, file) => {
    // The flags cost some milliseconds, which the command line alone does not regain.
    if (basename(file) !== 'cli.cjs') setFlags()
    load(module, file)
  }
}
require('./cli.cjs').runMeshc()

function setFlags(): void {
  if (areFlagsSet) return
  for (const module of modulesOfNode) require(module)
  const { setFlagsFromString }: typeof v8 = require('node:v8')
  setFlagsFromString(shortRunFlags.join(' '))
  areFlagsSet = true
}

/** Loads a module like Node, with its compiled code. */
function load(module: NodeModule, file: string): void {
  const source = readFileSync(file)
  const haveFlags = areFlagsSet
  const script = new Script(nodeModule.wrap(source.toString()), {
    filename: file,
    // So that positions in a stack trace are those in the file.
    columnOffset: -nodeModule.wrap('').indexOf('\n'),
    // Calls that only the command line answers add to its code; for another module, the last run decides.
    cachedData: isWarmUp && areFlagsSet ? undefined : readCode(file, source),
  })
  if (isWarmUp)
    process.on('exit', () => {
      // V8 refuses code that it made under other flags than those it has when the code is loaded.
      if (haveFlags === areFlagsSet) keepCode(file, source, script)
    })
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

/**
 * Reads the cached code of a module. V8 refuses code of another version of V8. It would run code that is damaged, or compiled from
 * another source, so the cache has the code twice, with its source. The comparison costs less than loading a checksum.
 */
function readCode(file: string, source: Uint8Array): Buffer | undefined {
  const kept = readBytesIfThere(getCache(file))
  const terms = printTerms(file, source)
  const length = kept === undefined ? 0 : (kept.length - terms.length) / 2
  if (kept === undefined || length <= 0 || !Number.isInteger(length)) return undefined
  const code = kept.subarray(terms.length, -length)
  return kept.subarray(0, terms.length).equals(terms) && kept.subarray(-length).equals(code)
    ? code
    : undefined
}

function keepCode(file: string, source: Uint8Array, script: Script): void {
  const code = script.createCachedData()
  const next = `${getCache(file)}.${process.pid}`
  writeFileSync(next, Buffer.concat([printTerms(file, source), code, code]), { mode: 0o644 })
  renameSync(next, getCache(file))
}

/** Prints all that the code depends on, and the name of the file, which the code has for stack traces. */
function printTerms(file: string, source: Uint8Array): Buffer {
  const { version, versions, arch } = process
  return Buffer.concat([Buffer.from(JSON.stringify([version, versions.v8, arch, file])), source])
}

function readBytesIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function getCache(file: string): string {
  return file.replace(/\.cjs$/, '.cache')
}
