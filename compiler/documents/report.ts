import type { TextFile } from '../emit/manifest.ts'
import { documentNames } from '../mesh/document-names.ts'
import type { LayeredSpec } from '../mesh/layered-spec.ts'
import type { ValidMesh } from '../mesh/mesh.ts'
import { makeAdrView } from './adr-0001-istio.ts'
import { makeArchitectureView } from './architecture.ts'
import type { Built } from './built.ts'
import { makeChangelogEntryView } from './changelog-entry.ts'
import { makeDocumentEnvironment } from './environment.ts'
import { adr0001Istio } from './generated/adr-0001-istio.ts'
import { architecture } from './generated/architecture.ts'
import { changelogEntry } from './generated/changelog-entry.ts'
import { readme } from './generated/readme.ts'
import { runbook } from './generated/runbook.ts'
import { traffic } from './generated/traffic.ts'
import { makeReadmeView } from './readme.ts'
import { makeRunbookView } from './runbook.ts'
import { makeTrafficView, type Workshop } from './traffic.ts'

/** The material of documents, in addition to the mesh. */
interface Material extends Workshop {
  readonly spec: LayeredSpec
  readonly built: Built
}

/** The documents of an environment, for people: true to its spec, and in the words of its spec. */
export function* report(mesh: ValidMesh, material: Material): Iterable<TextFile> {
  const { spec, built } = material
  const environment = makeDocumentEnvironment(mesh, spec)
  const documents: Readonly<Record<(typeof documentNames)[number], () => string>> = {
    'README.md': () => readme(makeReadmeView(environment, built)),
    'RUNBOOK.md': () => runbook(makeRunbookView(environment, built)),
    'TRAFFIC.md': () => traffic(makeTrafficView(environment, spec.value.services ?? {}, material)),
    'ARCHITECTURE.md': () => architecture(makeArchitectureView(environment, built)),
    'ADR-0001-istio.md': () => adr0001Istio(makeAdrView(environment)),
    'CHANGELOG-ENTRY.md': () => changelogEntry(makeChangelogEntryView(environment)),
  }
  for (const name of documentNames) yield { path: `docs/${name}`, text: withEmptyCells(documents[name]()) }
}

/** A cell without a value is one blank wide. */
const withEmptyCells = (text: string) =>
  text.replace(/^\|.*\| {2}\|.*$/gm, row => row.replace(/\| {2}(?=\|)/g, '| '))
