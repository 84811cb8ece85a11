import type { Mesh } from '../../../mesh/mesh.ts'
import type { Sourced, SpecNode } from '../../../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** Two webhooks would inject the pods of one namespace, and the order of their names would decide. */
export const distinctRevisions = defineRule<{ tag: string; revision: string; isRevision: boolean }>(
  {
    code: 'MESH3472',
    severity: 'error',
    summary: 'A revision or tag is the name of one control plane',
    message: p =>
      p.isRevision
        ? `the tag \`${p.tag}\` of \`${p.revision}\` is the name of a revision`
        : `the tag \`${p.tag}\` is of \`${p.revision}\`, too`,
    help: p =>
      p.isRevision
        ? 'choose another name, such as that of an environment'
        : `remove it here or at \`${p.revision}\`: a tag moves from one to the other in one change`,
  },
  function* (mesh, report) {
    const names = new Map(listRevisions(mesh).map(({ name, origin }) => [name, origin]))
    const tags = new Map<string, { readonly tag: Sourced<string>; readonly revision: string }>()
    for (const { name, planeTags } of listRevisions(mesh))
      for (const tag of planeTags) {
        const origin = names.get(tag.value)
        const before = tags.get(tag.value)
        if (origin !== undefined)
          yield report(placeAt(tag.place!), { tag: tag.value, revision: name, isRevision: true }, [
            { at: placeAtKey(origin), message: 'this is the revision' },
          ])
        else if (before !== undefined && before.revision !== name)
          yield report(
            placeAt(tag.place!),
            { tag: tag.value, revision: before.revision, isRevision: false },
            [{ at: placeAt(before.tag.place!), message: 'it is here, too' }],
          )
        else tags.set(tag.value, { tag, revision: name })
      }
  },
)

function listRevisions({ istio: { controlPlanes } }: Mesh): readonly {
  readonly name: string
  readonly origin: SpecNode
  readonly planeTags: readonly Sourced<string>[]
}[] {
  return controlPlanes.flatMap(({ origin, revision, tags }) =>
    origin === undefined || revision === undefined ? [] : [{ name: revision.value, origin, planeTags: tags }],
  )
}
