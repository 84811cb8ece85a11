import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import type * as v8 from 'node:v8'
import type * as vm from 'node:vm'
import type * as zlib from 'node:zlib'
import { locateCache } from './files/cache-folder.ts'
import { flags } from './flags.ts'

/*
 * The program that a user starts, the source of dist/meshc.cjs. It runs cli.cjs, which answers a call for help or a version by
 * itself, and loads other modules of dist/ for other calls, with their compiled code. Node 22.1 and later keep compiled code
 * themselves, in a folder that this module sets: their default is below the temporary files of all users. For Node 20 the code is
 * in dist/, beside each module: bin/build/bundle.mjs runs meshc once with MESHC_WARM_UP=1, which keeps the code of all functions
 * that this run calls. No other run writes. A user who may write in dist/ may change the modules themselves.
 */

/** The length of a CRC-32, in bytes. That the code is whole must be known sooner than it would be compiled. */
const checksumLength = 4

/** The modules of Node's own that a build loads: what it has compiled of them counts only under the flags it starts with. */
const modulesOfNode = ['node:crypto', 'node:os', 'node:timers/promises']

const isWarmUp = process.env['MESHC_WARM_UP'] === '1'
const require = createRequire(join(import.meta.dirname, 'meshc.cjs'))
const node: typeof nodeModule & { readonly enableCompileCache?: (folder: string) => unknown } = nodeModule
if (node.enableCompileCache !== undefined) {
  // With NODE_COMPILE_CACHE, Node has enabled it where the user says.
  const folder = process.env['NODE_COMPILE_CACHE'] === undefined ? locateCache() : undefined
  if (folder !== undefined) node.enableCompileCache(folder)
} else {
  // The command line is short: to compile it costs less than to load what is needed for its compiled code.
  const loadPlainly = require.extensions['.js']
  require.extensions['.cjs'] = (module, file) => {
    if (basename(file) === 'cli.cjs') return loadPlainly?.(module, file)
    const load = prepareLoader() ?? loadPlainly
    require.extensions['.cjs'] = load
    load?.(module, file)
  }
}
require('./cli.cjs').runMeshc()

/** Sets the flags of V8, and makes a loader of modules with their compiled code; undefined before Node 20.15, which has no checksum. */
function prepareLoader(): ((module: NodeModule, file: string) => void) | undefined {
  for (const module of modulesOfNode) require(module)
  const { setFlagsFromString }: typeof v8 = require('node:v8')
  setFlagsFromString(flags.join(' '))
  const { crc32 }: { readonly crc32?: typeof zlib.crc32 } = require('node:zlib')
  return crc32 && makeLoader(crc32)
}

/** Makes a loader that does what Node does to load a module, but for the compiled code. */
function makeLoader(checksum: typeof zlib.crc32): (module: NodeModule, file: string) => void {
  const { Script }: typeof vm = require('node:vm')
  return (module, file) => {
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
    const kept = readBytesIfThere(getCache(file))
    if (kept === undefined || kept.length < checksumLength) return undefined
    const code = kept.subarray(checksumLength)
    return kept.readUInt32LE() === getChecksum(file, source, code) ? code : undefined
  }

  function keepCode(file: string, source: Uint8Array, script: vm.Script): void {
    const code = script.createCachedData()
    const sum = Buffer.alloc(checksumLength)
    sum.writeUInt32LE(getChecksum(file, source, code))
    const next = `${getCache(file)}.${process.pid}`
    writeFileSync(next, Buffer.concat([sum, code]), { mode: 0o644 })
    renameSync(next, getCache(file))
  }

  /** Computes the checksum of all that the code depends on; it holds the name of the file, for stack traces. */
  function getChecksum(file: string, source: Uint8Array, code: Uint8Array): number {
    const { version, versions, arch } = process
    const circumstances = JSON.stringify([version, versions.v8, arch, file, source.length])
    return [source, code].reduce((sum, bytes) => checksum(bytes, sum), checksum(circumstances))
  }
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
