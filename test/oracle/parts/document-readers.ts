import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../command.ts'
import type { Part } from './part.ts'

const directory = fileURLToPath(new URL('../document-readers', import.meta.url))

/** Mermaid and a linter of Markdown, with all that they need. */
export const documentReaders: Part = {
  inputs: [fileURLToPath(import.meta.url), join(directory, 'package-lock.json')],
  make: async target => {
    await mkdir(target)
    for (const name of ['package.json', 'package-lock.json'])
      await cp(join(directory, name), join(target, name))
    await runOrThrow('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: target })
  },
}
