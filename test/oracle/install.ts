// Installs the real consumers for the tests: `node --import tsx test/oracle/install.ts`.
//
// The installation needs Go, Python 3 with pip, and the package registries. The project contains no installed
// part.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clients } from './parts/clients.ts'
import { consumerParts } from './parts/consumers.ts'
import { crds } from './parts/crds.ts'
import { envoy } from './parts/envoy.ts'
import { istioParts } from './parts/istio.ts'
import { istioMeshes } from './parts/istio-meshes.ts'
import { ratelimit } from './parts/limiter.ts'
import { linterParts } from './parts/linters.ts'
import { npmParts } from './parts/npm-packages.ts'
import type { Part } from './parts/part.ts'
import { redis } from './parts/redis.ts'

// The order of the builds: first the parts that more tests need, and the parts with a fast build.
const parts = {
  ...istioParts,
  'istio-meshes': istioMeshes,
  crds,
  clients,
  envoy,
  ...linterParts,
  ...npmParts,
  ...consumerParts,
  redis,
  ratelimit,
} as const satisfies Readonly<Record<string, Part>>

/** The parts of the installation. Each part can be missing alone. */
export type PartName = keyof typeof parts

// An object literal has no other keys than its type.
export const partNames = Object.keys(parts) as readonly PartName[]

export interface Installation {
  /** The path of each part, a file or a folder. */
  readonly paths: ReadonlyMap<PartName, string>
  /** The reasons for the missing parts. Empty in CI, where a missing part is an error. */
  readonly missing: ReadonlyMap<PartName, string>
}

const oracleDirectory = dirname(fileURLToPath(import.meta.url))

/**
 * Installs the missing parts of the named parts, by default of all parts, and reports each step on standard
 * error. If all parts exist, it takes milliseconds. Throws an error if `CI` is `true` and a part cannot be
 * installed.
 */
export async function install(names: readonly PartName[] = partNames): Promise<Installation> {
  const paths = new Map<PartName, string>()
  const missing = new Map<PartName, string>()
  for (const name of names) {
    try {
      const path = join(cacheDirectory(), `${name}-${await getDigest(parts[name])}`)
      if (!existsSync(path)) await inTurn(() => installPart(name, path))
      paths.set(name, path)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      report(`${name} cannot be had: ${reason}`)
      missing.set(name, reason)
    }
  }
  if (missing.size > 0 && isContinuousIntegration()) {
    throw new Error(`oracles are missing in CI: ${[...missing.keys()].join(', ')}`)
  }
  await removeUnused([...paths.values()])
  return { paths, missing }
}

/** Checks whether a missing oracle is an error: the environment sets `CI=true`. */
export function isContinuousIntegration(): boolean {
  return process.env['CI'] === 'true'
}

/** Makes a part at its place, unless another process has already made it. */
async function installPart(name: PartName, target: string): Promise<void> {
  if (existsSync(target)) return
  report(`${name}: installing`)
  const start = performance.now()
  // The unfinished part has another name, so an interrupted or a second installation leaves no half-made
  // part.
  const unfinished = `${target}.${process.pid}`
  try {
    await parts[name].make(unfinished)
    await rename(unfinished, target)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  report(`${name}: installed in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

/**
 * Lets only one process of a machine install parts: a build uses all cores, and two processes would build the
 * same parts. The end of the process releases the lock. Without `flock`, builds may race, and the last build
 * wins.
 */
async function inTurn(use: () => Promise<void>): Promise<void> {
  await mkdir(cacheDirectory(), { recursive: true })
  const holder = spawn('flock', [join(cacheDirectory(), 'lock'), '-c', 'echo held; exec cat'])
  await new Promise(resolve => {
    holder.stdout.once('data', resolve)
    holder.once('error', resolve)
    holder.once('exit', resolve)
  })
  try {
    await use()
  } finally {
    holder.stdin.on('error', () => undefined).end()
  }
}

function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'meshc-oracles')
}

/** Returns a digest of the platform and of all files that determine a part. */
async function getDigest({ inputs }: Part): Promise<string> {
  const digest = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  const shared = join(oracleDirectory, 'parts/part.ts')
  for (const file of (await Promise.all([shared, ...inputs].map(getFiles))).flat()) {
    const text = await readFile(file)
    digest.update(`${file.slice(oracleDirectory.length)} ${text.length}\n`).update(text)
  }
  return digest.digest('hex')
}

async function getFiles(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** Removes installations of other states of the sources that no run has used for two weeks. */
async function removeUnused(current: readonly string[]): Promise<void> {
  const now = Date.now()
  for (const path of current) await utimes(path, now / 1000, now / 1000)
  for (const name of await readdir(cacheDirectory()).catch(() => [])) {
    const path = join(cacheDirectory(), name)
    const used = await stat(path).catch(() => undefined) // another process may have removed it
    if (used !== undefined && now - used.mtimeMs > 14 * 24 * 60 * 60 * 1000) {
      await rm(path, { recursive: true, force: true })
    }
  }
}

function report(line: string): void {
  process.stderr.write(`oracle: ${line}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now()
  const { missing } = await install()
  for (const [name, reason] of missing) report(`skipped: ${name} (${reason.split('\n', 1)[0]})`)
  report(`installed in ${cacheDirectory()}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
}
