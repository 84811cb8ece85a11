import type { Limits } from '../../compiler/behavior/budget.ts'
import { checkManifestsWithPolicies, readOwnFile } from '../../compiler/own-file.ts'
import type { Context } from '../cli/command.ts'
import { findOwnFile } from '../manifests/manifest-files.ts'
import type { Report } from '../report/report.ts'
import type { LoadedMesh } from './compiled-mesh.ts'

/** Checks the manifests of a mesh with the policies of the file beside them, and that file itself. */
export function checkOwnPolicies(
  { manifests }: Pick<LoadedMesh, 'manifests'>,
  { options, words }: Context,
  limits: Limits,
): Report {
  const source = findOwnFile([...words, ...options.words('manifests')])
  const file = readOwnFile(source, undefined)
  const violations =
    manifests === undefined
      ? []
      : checkManifestsWithPolicies(file, manifests.written, manifests.files, limits)
  const texts = [...(source === undefined ? [] : [source]), ...(manifests?.files ?? [])]
  return {
    environments: [],
    diagnostics: [...file.diagnostics, ...violations],
    sources: new Map(texts.map(text => [text.name, text])),
  }
}
