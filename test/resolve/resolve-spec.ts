import * as assert from 'uvu/assert'
import { type LocatedDiagnostic, locateDiagnostics } from '../../compiler/diagnostics/locate.ts'
import type { Location, Source } from '../../compiler/diagnostics/source.ts'
import type { Mesh, Service } from '../../compiler/mesh/mesh.ts'
import { type Sourced, SpecNode } from '../../compiler/mesh/sourced.ts'
import { resolve } from '../../compiler/resolve/resolve.ts'
import { decode } from '../../compiler/source/decode.ts'
import { load } from '../../compiler/source/load.ts'
import { getWorkspace } from '../support/compile-text.ts'

export const entry = 'spec/prod/mesh.yaml'

/** Reads and resolves a spec. Returns the mesh, if there is one, and the findings as lines. */
export function resolveTexts(texts: Readonly<Record<string, string>>, environment = entry) {
  const loaded = load(environment, getWorkspace(texts))
  const { layers, spec } = decode(loaded, environment)
  assert.equal(spec.diagnostics, [], 'the spec of a test of resolve decodes')
  assert.ok(spec.ok)
  const resolved = resolve(spec.value)
  const located = locateDiagnostics(resolved.diagnostics, layers, [])
  const findings = located.flatMap(diagnostic => listLines(diagnostic, loaded.sources))
  return { mesh: resolved.ok ? resolved.value : undefined, findings }
}

const header = 'meshc: v1\nmesh: shop\n'

/** Removes the indentation of the surrounding code from a text. */
function atMargin(text: string): string {
  const lines = text.split('\n')
  const indent = Math.min(...lines.filter(line => line.trim() !== '').map(line => line.search(/\S/)))
  return lines
    .map(line => line.slice(indent))
    .join('\n')
    .trim()
}

/** Returns the mesh of a spec without its first two lines. Fails if the spec has a finding. */
export function getMesh(text: string): Mesh {
  const { mesh, findings } = resolveTexts({ [entry]: header + atMargin(text) })
  assert.equal(findings, [])
  assert.ok(mesh)
  return mesh
}

/**
 * Lists the findings in a spec without its first two lines: the message, the help and the other places of
 * each.
 */
export const listFindings = (text: string): readonly string[] =>
  resolveTexts({ [entry]: header + atMargin(text) }).findings

/** Returns a service of a mesh by its key. */
export function getService(mesh: Mesh, key: string): Service {
  const service = mesh.services.find(service => service.key === key)
  assert.ok(service, `there is a service ${key}`)
  return service
}

/** Returns a value with its origins: `30s < default:timeout`. */
export const explained = (sourced: Sourced<unknown> | undefined): string =>
  sourced === undefined
    ? 'undefined'
    : `${JSON.stringify(sourced.value)} < ${sourced.origins
        .map(origin => (origin instanceof SpecNode ? origin.path.join('.') : origin))
        .join(', ')}`

function listLines(diagnostic: LocatedDiagnostic, sources: readonly Source[]): readonly string[] {
  const { code, severity, message, at, related, help } = diagnostic
  return [
    `${severity} ${code} at ${textAt(at, sources)}: ${message}`,
    ...(help === undefined ? [] : [`  help: ${help}`]),
    ...related.map(({ at, message }) => `  at ${textAt(at, sources)}: ${message}`),
  ]
}

function textAt({ file, start, end }: Location, sources: readonly Source[]): string {
  const { text } = sources.find(({ name }) => name === file)!
  const line = text.slice(0, start).split('\n').length
  return `${line} "${text.slice(start, end)}"`
}
