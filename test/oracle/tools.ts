import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Request } from '../../compiler/behavior/request.ts'
import { type CommandOptions, type CommandResult, runCommand, runOrThrow } from './command.ts'
import { type Installation, install, isContinuousIntegration, type PartName } from './install.ts'
import { envoyIn } from './parts/envoy.ts'

/** The station of a finding; `istio/cmd/check/main.go` describes the check of each station. */
type CheckName = 'read' | 'kind' | 'crd' | 'kubernetes' | 'validate' | 'mesh' | 'analyze'

/** A thing that a real consumer of manifests refuses, or for which it has a warning. */
export interface Finding {
  readonly check: CheckName
  /** `Kind namespace/name`, or empty if the finding is about a file. */
  readonly object: string
  /** The path of the file in the checked directory. */
  readonly file: string
  /** The line, counted from 1; 0 if the consumer gives no line. */
  readonly line: number
  readonly level: 'Error' | 'Warning' | 'Info'
  /** The code of an analyzer, such as `IST0101`; else empty. */
  readonly code: string
  readonly message: string
}

/** Manifests that are applied together: every YAML and JSON file below a directory. */
export interface ManifestSet {
  readonly directory: string
  /** The file of their MeshConfig; Istio's default if absent. */
  readonly meshConfig?: string
}

/** The findings in a set, and the counts of the files and objects that were checked. */
interface SetReport {
  readonly directory: string
  readonly findings: readonly Finding[]
  readonly files: number
  readonly objects: number
  /** The number of analyzers that ran. */
  readonly analyzers: number
  /** The analyzers that did not run, each of which is also a finding. */
  readonly skipped: readonly string[]
}

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly certificate: string
  readonly privateKey: string
}

/** The real consumers. Each function throws if what it needs is not installed. */
/**
 * The answers of istiod and Envoys, one line a request. The webhook refuses some objects, which the answers
 * leave out.
 */
interface BehaviorAnswer {
  readonly lines: readonly string[]
  /** Refused objects such as `VirtualService shop/cart`, in the order of the files. */
  readonly refused: readonly string[]
}

export interface Oracle {
  /**
   * Checks one set with the code of the API server, istiod and the analyzers (0.2 s, nearly all of it
   * start-up).
   */
  readonly check: (
    directory: string,
    options?: { readonly meshConfig?: string },
  ) => Promise<readonly Finding[]>
  /** Checks many sets in one process (5 ms for a small set). The reports are in the order of the sets. */
  readonly checkAll: (sets: readonly ManifestSet[]) => Promise<readonly SetReport[]>
  readonly istioctl: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  readonly helm: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  readonly kubectl: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  readonly promtool: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /** Runs Argo CD's own code on files; `consumers/argocheck/main.go` describes its commands. */
  readonly argocheck: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /**
   * Runs istiod's own code in a mesh over several clusters; `istio/cmd/clusters/main.go` describes its
   * commands.
   */
  readonly clusters: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  readonly argocd: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /** Returns the paths of the programs that a user's script calls. */
  readonly programs: () => Readonly<Record<'istioctl' | 'helm' | 'kubectl', string>>
  /** Lints workflows of GitHub, and their scripts with shellcheck. */
  readonly actionlint: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  readonly shellcheck: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  readonly checkJsonschema: (
    commandLine: readonly string[],
    options?: CommandOptions,
  ) => Promise<CommandResult>
  readonly preCommit: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /** Lists the error of Mermaid for each diagram; empty if Mermaid can draw it. */
  readonly parseMermaid: (diagrams: readonly string[]) => Promise<readonly string[]>
  readonly markdownlint: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /** Packages an extension of VS Code. */
  readonly vsce: (commandLine: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  /**
   * Returns the shapes of MeshConfig and of the values of the chart istiod, as `istio/cmd/settings` writes
   * them.
   */
  readonly settings: () => Promise<string>
  /** Returns the folder of a chart of Istio. */
  readonly chart: (name: ChartName) => string
  /** Returns the folder `samples/bookinfo` of Istio. */
  readonly bookinfo: () => string
  /** Returns the folder with the manifests of Istio's samples and tests. */
  readonly istioMeshes: () => string
  /** Lists the files with the CRDs of Istio, Argo CD, cert-manager, the Prometheus operator and Kiali. */
  readonly crdFiles: () => Promise<readonly string[]>
  /** Returns the programs that `cluster.ts` starts, and the certificate that their servers share. */
  readonly clusterPrograms: () => ClusterPrograms
  /** Returns the programs that a live control plane runs beside the cluster. */
  readonly controlPlanePrograms: () => ControlPlanePrograms
  /** Returns a self-signed certificate for `*.example.com` that has not expired. */
  readonly certificate: () => Promise<Certificate>
  /**
   * Sends requests, in their order, through istiod's xDS in real Envoys to the workloads of these folders. Returns lines of JSON
   * that `istio/cmd/behavior/README.md` explains. Throws an error if the program cannot judge.
   */
  readonly behavior: (
    folders: readonly string[],
    requests: readonly Request[],
    limiter?: string,
  ) => Promise<BehaviorAnswer>
  /** Returns the programs of envoyproxy's rate-limit service and of the store of its counts. */
  readonly limiterPrograms: () => { readonly ratelimit: string; readonly redis: string }
  readonly envoy: () => string
}

/** Paths of programs and files. */
interface ClusterPrograms {
  readonly etcd: string
  readonly apiServer: string
  readonly certManagerWebhook: string
  /** The file of the self-signed certificate of localhost. */
  readonly certificate: string
  readonly privateKey: string
}

interface ControlPlanePrograms {
  readonly controllerManager: string
  readonly istiod: string
  readonly argocd: string
  readonly redis: string
  readonly helm: string
}

type ChartName = 'base' | 'istiod' | 'gateway' | 'cni' | 'ztunnel'

const chartPaths: Readonly<Record<ChartName, string>> = {
  base: 'charts/base',
  istiod: 'charts/istio-control/istio-discovery',
  gateway: 'charts/gateway',
  cni: 'charts/istio-cni',
  ztunnel: 'charts/ztunnel',
}

/** True if the tests know the real CRD of Kiali. */
export const hasKialiCrd = process.env['KIALI_CRD'] !== undefined
/** The file that stands in for the real CRD of Kiali. */
export const kialiStandIn = join(import.meta.dirname, 'kiali-stand-in.yaml')
const kialiCrd = process.env['KIALI_CRD'] ?? kialiStandIn

/** The name of an oracle that a test can require. */
type OracleName = Exclude<keyof Oracle, 'checkAll'>

const requirements: Readonly<Record<OracleName, readonly PartName[]>> = {
  check: ['check', 'crds'],
  istioctl: ['istioctl'],
  helm: ['clients'],
  kubectl: ['clients'],
  promtool: ['promtool'],
  argocheck: ['argocheck'],
  clusters: ['clusters'],
  argocd: ['argocd'],
  programs: ['istioctl', 'clients'],
  actionlint: ['actionlint', 'python-linters'],
  shellcheck: ['python-linters'],
  checkJsonschema: ['python-linters'],
  preCommit: ['python-linters'],
  parseMermaid: ['document-readers'],
  markdownlint: ['document-readers'],
  vsce: ['vscode-packer'],
  chart: ['istio'],
  settings: ['settings'],
  bookinfo: ['istio'],
  istioMeshes: ['istio-meshes'],
  crdFiles: ['crds'],
  clusterPrograms: ['etcd', 'kube-apiserver', 'cert-manager-webhook', 'certificate', 'clients', 'crds'],
  controlPlanePrograms: ['kube-controller-manager', 'istiod', 'argocd', 'redis', 'clients'],
  certificate: ['certificate'],
  behavior: ['behavior', 'envoy'],
  limiterPrograms: ['ratelimit', 'redis'],
  envoy: ['envoy'],
}

let installation: Promise<Installation> | undefined

/** Installs the missing parts and returns the oracles. */
export async function oracle(): Promise<Oracle> {
  installation ??= install()
  const { paths, missing } = await installation

  const path = (name: OracleName, part: PartName, ...rest: readonly string[]): string => {
    const reason = whyMissing(name, missing)
    if (reason !== undefined) throw new Error(`${name} is not installed: ${reason}`)
    return join(paths.get(part)!, ...rest)
  }
  // The tests must not reach a cluster that the machine is configured for.
  const environment = { KUBECONFIG: '/dev/null' }
  const command =
    (name: OracleName, part: PartName, ...rest: readonly string[]): Oracle['istioctl'] =>
    async (commandLine, options = {}) =>
      runCommand(path(name, part, ...rest), commandLine, {
        ...options,
        environment: { ...environment, ...options.environment },
      })

  const pythonLinter =
    (name: OracleName, program: string): Oracle['istioctl'] =>
    (commandLine, options = {}) => {
      const PYTHONPATH = path(name, 'python-linters')
      const environment = { PYTHONPATH, ...options.environment }
      return command(name, 'python-linters', 'bin', program)(commandLine, { ...options, environment })
    }

  const checkAll = async (sets: readonly ManifestSet[]): Promise<readonly SetReport[]> => {
    const input = sets.map(set => `${JSON.stringify(set)}\n`).join('')
    const commandLine = ['-crd', path('check', 'crds'), '-crd', kialiCrd, '-sets', '-']
    const reports = readReports(await runCommand(path('check', 'check'), commandLine, { input }), sets)
    return reports.map(report => ({
      ...report,
      findings: report.findings.filter(finding => !isSaidOfEveryFilter(finding)),
    }))
  }

  return {
    checkAll,
    check: async (checked, options = {}) =>
      (await checkAll([{ directory: checked, ...options }]))[0]!.findings,
    istioctl: command('istioctl', 'istioctl'),
    helm: command('helm', 'clients', 'helm'),
    kubectl: command('kubectl', 'clients', 'kubectl'),
    promtool: command('promtool', 'promtool'),
    argocheck: command('argocheck', 'argocheck'),
    clusters: command('clusters', 'clusters'),
    argocd: command('argocd', 'argocd'),
    programs: () => ({
      istioctl: path('programs', 'istioctl'),
      helm: path('programs', 'clients', 'helm'),
      kubectl: path('programs', 'clients', 'kubectl'),
    }),
    actionlint: (commandLine, options) => {
      const shellcheck = path('actionlint', 'python-linters', 'bin', 'shellcheck')
      const words = ['-shellcheck', shellcheck, '-pyflakes', '', ...commandLine]
      return command('actionlint', 'actionlint')(words, options)
    },
    shellcheck: command('shellcheck', 'python-linters', 'bin', 'shellcheck'),
    checkJsonschema: pythonLinter('checkJsonschema', 'check-jsonschema'),
    preCommit: pythonLinter('preCommit', 'pre-commit'),
    parseMermaid: async diagrams => {
      const options = { cwd: path('parseMermaid', 'document-readers'), input: JSON.stringify(diagrams) }
      const program = fileURLToPath(new URL('document-readers/parse-mermaid.mjs', import.meta.url))
      return JSON.parse(await runOrThrow(process.execPath, [program], options))
    },
    markdownlint: (commandLine, options) =>
      command(
        'markdownlint',
        'document-readers',
        'node_modules/.bin/markdownlint-cli2',
      )(commandLine, options),
    vsce: command('vsce', 'vscode-packer', 'node_modules/.bin/vsce'),
    settings: () => readFile(path('settings', 'settings'), 'utf8'),
    chart: name => path('chart', 'istio', chartPaths[name]),
    bookinfo: () => path('bookinfo', 'istio', 'bookinfo'),
    istioMeshes: () => path('istioMeshes', 'istio-meshes'),
    crdFiles: async () => {
      const entries = await readdir(path('crdFiles', 'crds'), { recursive: true, withFileTypes: true })
      const files = entries.map(entry => join(entry.parentPath, entry.name))
      // Argo CD's folder has a kustomization beside the CRDs.
      const foundFiles = files.filter(
        file => file.endsWith('.yaml') && basename(file) !== 'kustomization.yaml',
      )
      return [...foundFiles.sort(), kialiCrd]
    },
    clusterPrograms: () => ({
      etcd: path('clusterPrograms', 'etcd'),
      apiServer: path('clusterPrograms', 'kube-apiserver'),
      certManagerWebhook: path('clusterPrograms', 'cert-manager-webhook'),
      certificate: path('clusterPrograms', 'certificate', 'tls.crt'),
      privateKey: path('clusterPrograms', 'certificate', 'tls.key'),
    }),
    controlPlanePrograms: () => ({
      controllerManager: path('controlPlanePrograms', 'kube-controller-manager'),
      istiod: path('controlPlanePrograms', 'istiod'),
      argocd: path('controlPlanePrograms', 'argocd'),
      redis: path('controlPlanePrograms', 'redis'),
      helm: path('controlPlanePrograms', 'clients', 'helm'),
    }),
    certificate: async () => ({
      certificate: await readFile(path('certificate', 'certificate', 'tls.crt'), 'utf8'),
      privateKey: await readFile(path('certificate', 'certificate', 'tls.key'), 'utf8'),
    }),
    envoy: () => envoyIn(path('envoy', 'envoy')),
    behavior: (folders, requests, limiter) =>
      askBehavior(
        path('behavior', 'behavior'),
        envoyIn(path('behavior', 'envoy')),
        folders,
        requests,
        limiter,
      ),
    limiterPrograms: () => ({
      ratelimit: path('limiterPrograms', 'ratelimit'),
      redis: path('limiterPrograms', 'redis'),
    }),
  }
}

async function askBehavior(
  program: string,
  envoy: string,
  folders: readonly string[],
  requests: readonly Request[],
  limiter: string | undefined,
): Promise<BehaviorAnswer> {
  return withDirectory(async directory => {
    const summary = join(directory, 'summary.json')
    const counting = limiter === undefined ? [] : ['-rate-limits', limiter]
    const commandLine = ['-envoy', envoy, '-summary', summary, ...counting, ...folders]
    const input = requests.map(request => `${JSON.stringify(request)}\n`).join('')
    const { status, stdout, stderr } = await runCommand(program, commandLine, { input })
    const lines = stdout.split('\n').slice(0, -1)
    if (status !== 0 || lines.length !== requests.length) {
      const errors = lines.filter(line => line.includes('"verdict":"ERROR"')).slice(0, 3)
      throw new Error(
        `behavior ended with ${status} on ${folders.join(' ')}: ${[stderr, ...errors].join('\n')}`,
      )
    }
    // istio/cmd/behavior/main.go defines this shape.
    const { invalid } = JSON.parse(await readFile(summary, 'utf8')) as { invalid: readonly string[] | null }
    return { lines, refused: (invalid ?? []).map(words => words.slice(0, words.indexOf(': '))) }
  })
}

/** A function that registers a test. */
type Register = (name: string, run: () => Promise<void> | void) => void

/**
 * Returns the function that registers tests of the named oracles. If an oracle is missing, it throws an error
 * in CI. Elsewhere it prints the reason on standard error and registers the tests as skipped.
 *
 *     const test = suite('gateway chart')
 *     const testHelm = await requireOracle(test, 'helm', 'chart')
 *     testHelm('renders', async () => { … })
 */
export async function requireOracle(
  test: Register & { readonly skip: (name: string) => void },
  ...names: readonly OracleName[]
): Promise<Register> {
  installation ??= install()
  const { missing } = await installation
  const reasons = names.flatMap(name => {
    const reason = whyMissing(name, missing)
    return reason === undefined ? [] : [`${name} (${reason.split('\n', 1)[0]})`]
  })
  if (reasons.length === 0) return test
  if (isContinuousIntegration()) throw new Error(`oracles are missing in CI: ${reasons.join(', ')}`)
  process.stderr.write(reasons.map(reason => `skipped: ${reason}\n`).join(''))
  return name => test.skip(name)
}

/** Calls a function with a new directory, and removes the directory afterwards. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'meshc-oracle-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function whyMissing(name: OracleName, missing: Installation['missing']): string | undefined {
  return requirements[name].map(part => missing.get(part)).find(reason => reason !== undefined)
}

/** The beginning of a warning that Istio has for every EnvoyFilter. */
export const warningOfFilters = 'EnvoyFilter exposes internal implementation details'

/** Checks whether a finding is the warning that Istio has for every EnvoyFilter, whatever its content. */
const isSaidOfEveryFilter = ({ check, level, message }: Finding): boolean =>
  check === 'validate' && level === 'Warning' && message.startsWith(warningOfFilters)

/**
 * Reads the output of `check`. A missing summary of a set is an error of meshc, not a set without findings.
 */
function readReports(
  { status, stdout, stderr }: CommandResult,
  sets: readonly ManifestSet[],
): readonly SetReport[] {
  const reports: SetReport[] = []
  let findings: Finding[] = []
  for (const line of stdout.split('\n').filter(text => text !== '')) {
    // istio/cmd/check/main.go defines both shapes.
    const value = JSON.parse(line) as Finding | Omit<SetReport, 'findings'>
    if ('check' in value) {
      findings.push(value)
    } else {
      reports.push({ ...value, findings })
      findings = []
    }
  }
  const expected = sets.map(set => set.directory)
  const result = reports.some(report => report.findings.length > 0)
  if (
    status !== (result ? 1 : 0) ||
    findings.length > 0 ||
    reports.length !== sets.length ||
    reports.some((report, index) => report.directory !== expected[index])
  ) {
    throw new Error(`check ended with ${status} after ${reports.length} of ${sets.length} sets: ${stderr}`)
  }
  // An analyzer only logs an object that it cannot read, and does not analyze it.
  if (stderr !== '') throw new Error(`check complains: ${stderr}`)
  return reports
}
