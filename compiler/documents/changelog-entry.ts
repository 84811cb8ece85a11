import { compare } from '../diagnostics/compare.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Environment } from './environment.ts'

/** The view of the form of a changelog entry. */
export type ChangelogEntryView = ReturnType<typeof makeChangelogEntryView>

export function makeChangelogEntryView(environment: Environment) {
  const { mesh, entry } = environment
  return {
    ...environment,
    directory: entry.replace(/\/[^/]*$/, ''),
    owners: listOwners(mesh),
    form: makeEntryForm(environment),
  }
}

/** Services by owner; those without an owner come last. */
function listOwners({ services }: Mesh) {
  const owned = new Map<string, string[]>()
  for (const { key, owner } of services) {
    const list = owned.get(owner?.value ?? '')
    if (list === undefined) owned.set(owner?.value ?? '', [key])
    else list.push(key)
  }
  const unowned = owned.get('')
  owned.delete('')
  return [
    ...[...owned].sort(([a], [b]) => compare(a, b)).map(([owner, services]) => ({ owner, services })),
    ...(unowned === undefined ? [] : [{ owner: 'the spec names no owner', services: unowned }]),
  ]
}

/** The form, with the sorts of change that this mesh can have. */
function makeEntryForm({ mesh, name }: Environment): string {
  const has = (condition: boolean, line: string) => (condition ? [line] : [])
  return [
    `## ${mesh.name.value} ${mesh.environment.value}: <the effect for callers, in one sentence>`,
    '',
    '- **Why**: <the reason, or the issue>',
    '- **Services**: <the services whose file in manifests changed>',
    '- **Callers**: <the calls that are now allowed or no longer allowed; or: the same>',
    ...has(
      mesh.services.some(({ versions }) => versions.length > 1),
      '- **Traffic**: <version: share before -> after>',
    ),
    '- **Timeouts and retries**: <before -> after; or: the same>',
    ...has(mesh.gateways.length > 0, '- **From outside**: <new or removed hosts and paths; or: the same>'),
    ...has(
      mesh.externals.length > 0,
      '- **To the outside**: <new or removed external systems; or: the same>',
    ),
    '- **Watch**: <the sign that shows a failure, and how long to watch for it>',
    `- **Back**: \`git revert <commit>\`, \`npx --no-install meshc build --env ${name}\`${mesh.delivery.sync.value === 'manual' ? ', sync by hand' : ''}`,
    '',
  ].join('\n')
}
