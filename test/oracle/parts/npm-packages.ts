import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../command.ts'
import type { Part } from './part.ts'

/** Makes a part of the npm packages that the lock file of a neighboring folder pins. */
function npmPackages(name: string): Part {
  const directory = fileURLToPath(new URL(`../${name}`, import.meta.url))
  return {
    inputs: [fileURLToPath(import.meta.url), join(directory, 'package-lock.json')],
    make: async target => {
      await mkdir(target)
      for (const name of ['package.json', 'package-lock.json'])
        await cp(join(directory, name), join(target, name))
      await runOrThrow('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: target })
    },
  }
}

export const npmParts = {
  // Mermaid and a linter of Markdown.
  'document-readers': npmPackages('document-readers'),
  // The packer of extensions of VS Code.
  'vscode-packer': npmPackages('vscode-packer'),
} as const satisfies Readonly<Record<string, Part>>
