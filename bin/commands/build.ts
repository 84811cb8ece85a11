import type { Command } from '../cli/command.ts'
import {
  environmentOption,
  fixOption,
  formatOptions,
  limitOptions,
  projectOption,
} from '../cli/shared-options.ts'
import { runBuild } from '../runs/index.ts'
import { openBuildMemory, repeatBuild } from '../unchanged/build-memory.ts'

/** Compiles environments into out/. */
export const build: Command = {
  name: 'build',
  summary: 'Compile the specs into out/',
  options: [
    environmentOption,
    fixOption,
    { flag: '--check', summary: 'Write nothing; report stale files in out/' },
    { flag: '--keep-edits', summary: 'Write nothing if a file in out/ was edited by hand' },
    { flag: '--watch', summary: 'Build again whenever a spec changes, until interrupted' },
    { flag: '--verify', summary: 'Validate every manifest against the schema of its kind' },
    { flag: '--no-cache', summary: 'Compile even if no file has changed since the last build' },
    ...limitOptions,
    ...formatOptions,
    projectOption,
  ],
  example: 'meshc build --env prod',
  exitCodes: {
    0: 'everything is built; with --check, out/ matches the specs',
    1: 'a spec has errors; with --check, out/ is stale; with --keep-edits, a file was edited by hand',
    2: 'the call is wrong, or a file cannot be read or written',
  },
  run: context => {
    const memory = openBuildMemory(context)
    const before = memory?.recall()
    return before === undefined ? runBuild(context, memory) : repeatBuild(before, context)
  },
}
