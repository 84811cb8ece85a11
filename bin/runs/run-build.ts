import { printCount } from '../../compiler/diagnostics/counted.ts'
import { listQuoted } from '../../compiler/diagnostics/suggest.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { ManagedPart } from '../../compiler/mesh/mesh.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { type Format, getFormat } from '../cli/shared-options.ts'
import type { Terminal } from '../cli/terminal.ts'
import { describeBuild, describeFresh } from '../output/describe-build.ts'
import { declareOrRemove, findDifference, isFresh } from '../output/difference.ts'
import { OutputFolder } from '../output/output-folder.ts'
import {
  adviseMending,
  type CompiledEnvironments,
  describeTally,
  readSpecs,
} from '../project/compile-environments.ts'
import { describeEnvironments } from '../project/environments.ts'
import { type AppliedFix, compileAsked, reportFixes } from '../project/fix-specs.ts'
import { listHandEdits, showEdits, warnOfEdits } from '../project/hand-edits.ts'
import { type EnvironmentOutput, makeOutputs, type Outputs, writeOutputs } from '../project/outputs.ts'
import { listEnvironments, openProject, type Project } from '../project/project.ts'
import { watchBuilds } from '../project/watch-builds.ts'
import { convertDiagnostics, printReport } from '../report/format.ts'
import { findSchemaState, refreshSchema } from '../schema/schema-file.ts'
import { schemaFile } from '../schema/schema-path.ts'
import type { BuildMemory } from '../unchanged/build-memory.ts'

/** Compiles environments into out/. */
export async function runBuild(context: Context, memory?: BuildMemory): Promise<ExitCode> {
  const { options, terminal } = context
  const format = getFormat(options)
  const opened = openProject(options.word('project'))
  const project = memory === undefined ? opened : { ...opened, workspace: memory.watch(opened.workspace) }
  if (options.has('watch')) return watchBuilds(project, options, terminal)
  if (options.has('fix') && options.has('check'))
    throw new Failure('`--fix` and `--check` are given both', '`--check` writes nothing: give one of the two')
  const environments = listEnvironments(project, options.words('env'))
  const { result, fixes } = compileAsked(project, environments, options, terminal)
  const telling: Told = { format, terminal, memory, ...(options.has('fix') && { fixes }) }
  if (format !== 'json') reportFixes(fixes, terminal)
  printReport(format, result, terminal, project.root)
  if (result.failed.length > 0) return refuse(result, telling)
  if (options.has('verify')) {
    // Loaded only now: the schemas of the emitted objects are the larger half of the program.
    const { findFaults: faultsOf } = await import('../project/verify.ts')
    const faults = result.compiled.flatMap(compiled => {
      terminal.progress(`verifying ${compiled.environment.name}`)
      return faultsOf(compiled)
    })
    if (faults.length > 0) return confess(faults, result, telling)
  }
  const outputs = makeOutputs(project, result.compiled, options.words('env').length === 0)
  if (options.has('check')) return checkOutputs(project, outputs, result, telling)
  const refused = options.has('keep-edits') ? refuseEdits(outputs, result, telling) : undefined
  return refused ?? write(project, outputs, result, telling)
}

/** The output of a build about its steps. */
interface Told {
  readonly format: Format
  readonly terminal: Terminal
  /** The memory of the call; undefined without one. */
  readonly memory?: BuildMemory | undefined
  /** The fixes applied before the build; undefined without `--fix`. */
  readonly fixes?: readonly AppliedFix[]
}

/** Refuses to write any environment unless all are clean. */
function refuse(result: CompiledEnvironments, { format, terminal, fixes }: Told): ExitCode {
  if (format === 'json') {
    terminal.printJson({
      ok: false,
      environments: [],
      ...(fixes !== undefined && { fixes }),
      diagnostics: convertDiagnostics(result),
    })
    return 1
  }
  const clean = result.compiled.map(({ environment }) => environment.name)
  const also =
    clean.length === 0
      ? ''
      : `, not even ${listQuoted(clean)}, which ${clean.length === 1 ? 'is' : 'are'} clean`
  terminal.problem({
    message: `${describeTally(result)}; nothing ${fixes === undefined ? '' : 'in `out/` '}was written${also}`,
    help: adviseMending(result),
    paths: [],
  })
  return 1
}

/** A manifest that breaks its schema is never the user's fault. */
function confess(
  faults: readonly string[],
  result: CompiledEnvironments,
  { format, terminal, fixes }: Told,
): ExitCode {
  if (format === 'json')
    terminal.printJson({
      ok: false,
      environments: [],
      ...(fixes !== undefined && { fixes }),
      diagnostics: convertDiagnostics(result),
      violations: faults,
    })
  else {
    terminal.problem({
      message: `${printCount(faults.length, 'violation')} of a target schema: a defect of meshc; nothing was written`,
      help: 'report it with the spec; without `--verify` the manifests are written as they are',
      paths: faults,
    })
  }
  return 1
}

function checkOutputs(
  project: Project,
  { root, outputs }: Outputs,
  result: CompiledEnvironments,
  { format, terminal, memory }: Told,
): ExitCode {
  const differences = outputs.map(({ environment, output, compiled }) => {
    terminal.progress(`comparing ${environment.output}`)
    const difference = findDifference(new OutputFolder(root, environment.output), output)
    return { environment, difference, edits: listHandEdits(compiled, difference.edited) }
  })
  const schema = findSchemaState(project, readSpecs(result))
  const areFresh = differences.every(({ difference }) => isFresh(difference)) && schema?.isFresh !== false
  if (format === 'json') {
    terminal.printJson({
      ok: areFresh,
      environments: differences.map(({ environment, difference, edits }) => ({
        environment: environment.name,
        output: environment.output,
        ...difference,
        edited: difference.edited.map(({ path }) => path),
        edits,
      })),
      ...(schema !== undefined && { schema: { path: schemaFile, isFresh: schema.isFresh } }),
      diagnostics: convertDiagnostics(result),
    })
    return areFresh ? 0 : 1
  }
  for (const { environment, difference, edits } of differences) {
    const { name, output } = environment
    if (isFresh(difference)) {
      say(describeFresh(output), { format, terminal })
      continue
    }
    const { stale, edited, missing, extra, foreign, undeclared, causes } = difference
    const groups: readonly (readonly [string, readonly string[]])[] = [
      ['edited', edited.map(({ path }) => path)],
      ['stale', stale],
      ['missing', missing],
      ['extra', extra],
      ['foreign', foreign],
      ['undeclared', undeclared],
    ]
    const counts = groups
      .filter(([, paths]) => paths.length > 0)
      .map(([word, paths]) => `${paths.length} ${word === 'edited' ? 'edited by hand' : word}`)
    const isOwn = stale.length + missing.length + edited.length > 0
    const buildAndCommit = `run \`${isOwn ? `meshc build --env ${name}` : 'meshc build'}\` and commit what it writes`
    const isBuildOf = groups.some(([word, paths]) => word !== 'undeclared' && paths.length > 0)
    terminal.problem({
      message: `\`${output}\` is not what the spec makes: ${counts.join(', ')}`,
      help: [
        ...(isBuildOf ? [buildAndCommit] : []),
        ...(undeclared.length > 0 ? [declareOrRemove] : []),
      ].join('; '),
      paths: groups.flatMap(([word, paths]) => paths.map(path => `${word.padEnd(11)}${output}/${path}`)),
    })
    if (causes.length > 0)
      terminal.note(`  because ${causes.map(cause => makeTextVisible(cause)).join(', ')}`)
    showEdits(edits, terminal)
  }
  if (schema?.isFresh === false)
    terminal.problem({
      message: `\`${schemaFile}\` is not what the specs make: editors offer names that are old`,
      help: 'run `meshc build` and commit what it writes',
      paths: [],
    })
  if (areFresh) {
    const { notes } = terminal
    const folders = differences.map(({ environment: { output } }) => ({ output, fileCount: 0 }))
    memory?.keep({ folders, notes, notesBefore: notes.length })
  }
  return areFresh ? 0 : 1
}

/** Refuses to build over edits by hand for `--keep-edits`: it lists them, and writes nothing. */
function refuseEdits(
  { root, outputs }: Outputs,
  result: CompiledEnvironments,
  { format, terminal, fixes }: Told,
): ExitCode | undefined {
  const edits = outputs.flatMap(({ environment, output, compiled }) =>
    listHandEdits(compiled, findDifference(new OutputFolder(root, environment.output), output).edited),
  )
  if (edits.length === 0) return undefined
  if (format === 'json')
    terminal.printJson({
      ok: false,
      environments: [],
      edits,
      ...(fixes !== undefined && { fixes }),
      diagnostics: convertDiagnostics(result),
    })
  else {
    const files = new Set(edits.map(({ file }) => file))
    const help = 'put it into the spec; without `--keep-edits` a build replaces it'
    const message = `${printCount(files.size, 'file')} in out/ ${files.size === 1 ? 'was' : 'were'} edited by hand; nothing was written`
    terminal.problem({ message, help, paths: [] })
    showEdits(edits, terminal)
  }
  return 1
}

async function write(
  project: Project,
  outputs: Outputs,
  result: CompiledEnvironments,
  { format, terminal, memory, fixes }: Told,
): Promise<ExitCode> {
  const written = await writeOutputs(outputs, terminal)
  const notesBefore = terminal.notes.length
  const schema = refreshSchema(project, readSpecs(result))
  if (format === 'json') {
    terminal.printJson({
      ok: true,
      ...(fixes !== undefined && { fixes }),
      environments: written.map(({ environment, compiled, changes }) => ({
        environment: environment.name,
        output: environment.output,
        ...changes,
        edited: changes.edited.map(({ path }) => path),
        edits: listHandEdits(compiled, changes.edited),
      })),
      ...(schema !== undefined && { schema: { path: schemaFile, isWritten: schema === 'written' } }),
      diagnostics: convertDiagnostics(result),
    })
    return 0
  }
  for (const { environment, compiled, changes } of written) {
    const { written, removed, unchanged, edited, undeclared } = changes
    const done = describeBuild(environment.output, {
      written: written.length,
      removed: removed.length,
      unchanged,
    })
    say(done, { format, terminal })
    warnOfEdits(compiled, edited, terminal)
    warnOfUndeclared(undeclared, environment.output, terminal)
  }
  warnOfUnowned(written, terminal)
  reportAssumedConfig(written, terminal)
  if (schema === 'written') say(`wrote ${schemaFile}`, { format, terminal })
  if (result.diagnostics.length > 0) terminal.note(describeTally(result))
  const isUnchanged = written.every(
    ({ changes: { written, removed, edited } }) => written.length + removed.length + edited.length === 0,
  )
  if (isUnchanged && schema !== 'written') {
    const folders = written.map(({ environment: { output }, changes }) => ({
      output,
      fileCount: changes.unchanged,
    }))
    memory?.keep({ folders, notes: terminal.notes, notesBefore })
  }
  return 0
}

function warnOfUndeclared(paths: readonly string[], output: string, terminal: Terminal): void {
  if (paths.length === 0) return
  terminal.note(
    `warning: ${printCount(paths.length, 'file')} in ${output} would be deployed, and no spec names them: ${declareOrRemove}`,
  )
  for (const path of paths) terminal.note(`  ${makeTextVisible(`${output}/${path}`)}`)
}

/** Rules for the whole mesh also reach namespaces that other people look after. */
function warnOfUnowned(
  written: readonly Pick<EnvironmentOutput, 'environment' | 'compiled'>[],
  terminal: Terminal,
): void {
  const reaching = written.flatMap(({ environment, compiled }) => {
    const mesh = compiled?.compilation.mesh
    if (mesh === undefined || isPartNamed(mesh.managed)) return []
    const denies = mesh.access.value === 'declared'
    // An open and permissive mesh changes nothing in other namespaces: Istio does the same by itself.
    return denies || mesh.mtls.value === 'strict' ? { name: environment.name, denies } : []
  })
  const unowned = reaching.map(({ name }) => name)
  const rules = reaching.some(({ denies }) => denies) ? 'deny-by-default and `mtls` hold' : '`mtls` holds'
  if (unowned.length === 0) return
  terminal.note(
    `warning: ${makeTextVisible(describeEnvironments(unowned))}: ${rules} in the whole mesh, also in namespaces that no spec has`,
  )
  terminal.note(
    '  a service there loses its callers: list the namespaces of the spec under `manages`, or write `manages: mesh` if there is none',
  )
}

/** Notes each environment whose control plane another owner installs and no manifest describes: meshc relies on its spec. */
function reportAssumedConfig(
  written: readonly Pick<EnvironmentOutput, 'environment' | 'compiled'>[],
  terminal: Terminal,
): void {
  const names = new Map<string, string[]>()
  for (const { environment, compiled } of written) {
    if (compiled === undefined) continue
    const { istio, egress, surroundings } = compiled.compilation.mesh
    if (istio.install.value === 'charts' || surroundings.meshConfig !== undefined) continue
    const assumed = `egress \`${egress.value}\`, trust domain \`${makeTextVisible(istio.trustDomain.value)}\`, root namespace \`${makeTextVisible(istio.namespace.value)}\``
    names.set(assumed, [...(names.get(assumed) ?? []), environment.name])
  }
  for (const [assumed, environments] of names)
    terminal.note(
      `note: ${makeTextVisible(describeEnvironments(environments))}: no manifest in \`surroundings\` has the configuration of the control plane; assumed are ${assumed}`,
    )
}

const isPartNamed = (managed: ManagedPart) => managed.kind === 'namespaces' || managed.word !== undefined

/** Prints a result. It is a remark if a report uses stdout. */
function say(text: string, { format, terminal }: Told): void {
  if (format === 'text') terminal.print(text)
  else terminal.note(text)
}
