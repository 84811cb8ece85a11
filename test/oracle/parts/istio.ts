import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../command.ts'
import { buildGo, copyWritable, downloadModule, goEnvironment, type Part } from './part.ts'

const directory = fileURLToPath(new URL('../istio', import.meta.url))
const inputs = [fileURLToPath(import.meta.url), join(directory, 'go.mod'), join(directory, 'go.sum')]

// The variables that Istio's release build sets. Without them, generated manifests name images of hub and tag
// "unknown".
const variables = {
  'istio.io/istio/pkg/version.buildVersion': '1.31.4',
  'istio.io/istio/pkg/version.buildHub': 'docker.io/istio',
}

/** Istio's own code, charts and samples. */
export const istioParts = {
  certificate: {
    inputs: [...inputs, join(directory, 'cmd/certificate')],
    make: async target => {
      await mkdir(target)
      const options = { cwd: directory, environment: goEnvironment }
      await runOrThrow('go', ['run', './cmd/certificate', target], options)
    },
  },
  settings: {
    inputs: [...inputs, join(directory, 'cmd/settings')],
    make: async target => {
      const options = { cwd: directory, environment: goEnvironment }
      await writeFile(target, await runOrThrow('go', ['run', './cmd/settings'], options))
    },
  },
  istio: {
    inputs,
    make: async target => {
      const source = await istioSource()
      await copyWritable(join(source, 'manifests/charts'), join(target, 'charts'))
      await copyWritable(join(source, 'samples/bookinfo'), join(target, 'bookinfo'))
    },
  },
  check: program('./cmd/check'),
  behavior: program('./cmd/behavior'),
  clusters: program('./cmd/clusters'),
  istioctl: program('istio.io/istio/istioctl/cmd/istioctl'),
  istiod: program('istio.io/istio/pilot/cmd/pilot-discovery'),
} as const satisfies Readonly<Record<string, Part>>

/** Returns the folder of the Istio that go.mod pins; go.sum holds its checksum. */
export async function istioSource(): Promise<string> {
  return (await downloadModule('istio.io/istio', directory)).Dir
}

/** Runs the tests of a program in this folder, with these environment variables. */
export async function testIstioProgram(
  path: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const options = { cwd: directory, environment: { ...goEnvironment, ...environment } }
  return runOrThrow('go', ['test', '-count=1', path], options)
}

function program(path: string): Part {
  const folder = path.startsWith('./') ? [join(directory, path)] : []
  return { inputs: [...inputs, ...folder], make: target => buildGo(directory, { path, variables }, target) }
}
