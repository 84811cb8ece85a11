import type { Report } from '../../bin/report/report.ts'
import { compile } from '../../compiler/compile.ts'
import { makeDiagnosticKey } from '../../compiler/diagnostics/locate.ts'
import { getWorkspace } from './compile-text.ts'

/** Returns the findings of the compilation of environments, as commands report them. */
export function getReport(
  texts: Readonly<Record<string, string>>,
  names: readonly string[] = ['dev', 'prod', 'staging'],
): Report {
  const environments = names.map(name => {
    const entry = `spec/${name}/mesh.yaml`
    const { ok, diagnostics, suppressed, sources } = compile(entry, getWorkspace(texts), '2027-01-01')
    return { name, entry, ok, diagnostics, suppressed, sources }
  })
  const all = environments.flatMap(({ diagnostics }) => diagnostics)
  const sources = environments.flatMap(({ sources }) => sources.map(source => [source.name, source] as const))
  return {
    environments,
    diagnostics: [...new Map(all.map(diagnostic => [makeDiagnosticKey(diagnostic), diagnostic])).values()],
    sources: new Map(sources),
  }
}

/** Environments in which there is something of everything that a report can hold: another file, a fix, a suppression. */
export const faultySpecs: Readonly<Record<string, string>> = {
  'spec/base/mesh.yaml': `meshc: v1
mesh: shop
services:
  cart:
    namespace: shop
    port: { http: 8080 }
    versions: { v1: {}, v2: {} }
    traffic: { v1: 80%, v2: 20% }
    allow: [{ from: anyone }]
  web: { namespace: shop }
`,
  'spec/dev/mesh.yaml': `meshc: v1
environment: dev
extends: ../base/mesh.yaml
services: { cart: { traffic: { v1: 60% } } }
suppress:
  - { code: MESH3408, at: services.cart, because: "open in <dev> & until January", until: 2027-01-31 }
`,
  'spec/prod/mesh.yaml': `meshc: v1
environment: prod
extends: ../base/mesh.yaml
services:
  cart:
    allow: [{ from: wbe }]
`,
  'spec/staging/mesh.yaml': `meshc: v1
environment: staging
extends: ../base/mesh.yaml
`,
}
