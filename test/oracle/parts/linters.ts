import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../command.ts'
import { buildGo, type Part } from './part.ts'

const directory = fileURLToPath(new URL('../linters', import.meta.url))
const inputs = [fileURLToPath(import.meta.url), directory]

/** The linters of workflows, actions, hooks and shell scripts. */
export const linterParts = {
  actionlint: {
    inputs,
    make: target => buildGo(directory, { path: 'github.com/rhysd/actionlint/cmd/actionlint' }, target),
  },
  // check-jsonschema, pre-commit and shellcheck, with all that they need.
  'python-linters': {
    inputs,
    make: async target => {
      const requirements = join(directory, 'requirements.txt')
      const options = ['--no-deps', '--target', target, '--requirement', requirements]
      await runOrThrow('python3', ['-m', 'pip', '--quiet', 'install', ...options])
    },
  },
} as const satisfies Readonly<Record<string, Part>>
