import { makePainter } from '../../compiler/diagnostics/frames.ts'
import { makeTextVisible } from '../../compiler/diagnostics/visible.ts'
import type { Context, ExitCode } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { readLimits } from '../cli/limits.ts'
import type { State } from '../doctor/check.ts'
import { version } from '../package.ts'
import { compileEnvironments } from '../project/compile-environments.ts'
import { describeEnvironments } from '../project/environments.ts'
import { listEnvironments, openProject } from '../project/project.ts'

const stateSigns: Readonly<Record<State, string>> = { good: '✓', doubtful: '!', wrong: '✗', unseen: '–' }
const stateStyles = { good: 'note', doubtful: 'warning', wrong: 'error', unseen: 'frame' } as const

/** Checks a whole installation. It asks the cluster only if an option requests it, and changes nothing. */
export async function runDoctor({ options, terminal }: Context): Promise<ExitCode> {
  const project = openProject(options.word('project'))
  const names = options.words('env')
  const environments = listEnvironments(project, names)
  if (options.has('cluster') && environments.length > 1)
    throw new Failure(
      `a cluster runs one environment, and the project has ${describeEnvironments(environments.map(({ name }) => name))}`,
      'name it with `--env`',
    )
  const result = compileEnvironments(project.workspace, environments, terminal, readLimits(options))
  const installation = { project, environments, result, isAll: names.length === 0 }
  // Only here: checks start other programs, and to be able to do that costs every other command some milliseconds.
  const { checks } = await import('../doctor/checks.ts')
  const examined = checks
    .filter(check => options.has('cluster') || !check.asksCluster)
    .flatMap(check => {
      terminal.progress(`checking ${check.name}`)
      return check.examine(installation).map(givenResult => ({ check: check.name, ...givenResult }))
    })
  const isGood = examined.every(({ state }) => state !== 'wrong')
  if (options.has('json')) {
    terminal.printJson({ ok: isGood, meshc: version, node: process.version, checks: examined })
    return isGood ? 0 : 1
  }
  const paint = makePainter(terminal.color)
  terminal.print(`meshc ${version} on Node ${process.version.slice(1)}`)
  let before: string | undefined
  for (const { check, state, what, help } of examined) {
    if (check !== before) terminal.print(`\n${paint('strong', check)}`)
    before = check
    terminal.print(`  ${paint(stateStyles[state], stateSigns[state])} ${makeTextVisible(what)}`)
    if (help !== undefined) terminal.print(`    ${makeTextVisible(help)}`)
  }
  return isGood ? 0 : 1
}
