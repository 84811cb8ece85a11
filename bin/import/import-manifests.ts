import type { makeModelReader } from '../../compiler/behavior/index.ts'
import type { BehaviorModel } from '../../compiler/behavior/model.ts'
import { type ImportedMesh, importMesh, type Part } from '../../compiler/import/import-mesh.ts'
import { UnsettledError } from '../../compiler/import/settle.ts'
import { getEntry, type ImportedEnvironment } from '../../compiler/import/spec-files.ts'
import type { Context } from '../cli/command.ts'
import { Failure } from '../cli/failure.ts'
import { readLimits } from '../cli/limits.ts'
import { completeManifests } from '../manifests/complete-manifests.ts'
import type { LoadedManifests } from '../manifests/load-manifests.ts'

/** Manifests that become the spec of an environment. */
interface NamedState {
  readonly name: string
  readonly manifests: LoadedManifests
  readonly head: ReturnType<typeof makeHead>
  /** The part that is imported; undefined: all. */
  readonly part: Part | undefined
  readonly read: ReturnType<typeof makeModelReader>
}

/** The fields of a spec that no manifest has. */
export const makeHead = ({
  mesh,
  environment,
  manages,
  surroundings,
}: {
  readonly mesh: unknown
  readonly environment: string
  readonly manages: unknown
  readonly surroundings: unknown
}) => ({
  meshc: 'v1',
  mesh,
  environment,
  manages,
  ...(surroundings !== undefined && { surroundings }),
})

/**
 * Imports manifests, and lists the parts that they omit.
 *
 * @param notes the remarks that were already printed
 */
export function importManifests(
  { name, manifests, head, part, read }: NamedState,
  { options, terminal }: Context,
  notes = new Set<string>(),
): ImportedEnvironment {
  const { model, objects: followed, assumed } = completeManifests(read, manifests.objects)
  // A spec of a part of a mesh leaves objects that do not affect requests to their owners.
  const objects = part === undefined ? [...followed, ...manifests.others] : followed
  const remarks = [
    ...manifests.notes.map(note => `note: ${note}`),
    ...(lacksServices(model) ? [missingServices] : []),
    ...assumed.map(sentence => `assumed: ${sentence}`),
  ]
  for (const remark of remarks) {
    if (!notes.has(remark)) terminal.note(remark)
    notes.add(remark)
  }
  const imported = importOrFail(() =>
    importMesh({ entry: getEntry(name), head, read, objects, part, limits: readLimits(options) }),
  )
  return { name, imported, head: describeImport(manifests, assumed) }
}

/** Tells whether manifests have routes or policies, and none of the Services that these are about. */
const lacksServices = ({
  services,
  virtualServices,
  destinationRules,
  authorizationPolicies,
}: BehaviorModel): boolean =>
  services.length === 0 && virtualServices.length + destinationRules.length + authorizationPolicies.length > 0

const missingServices =
  'note: no manifest is a Service, so routes and policies of services become raw objects: import the Services and Deployments as well (`kubectl get services,deployments --all-namespaces --output yaml`)'

const describeImport = ({ name }: LoadedManifests, assumed: readonly string[]): string =>
  [`Imported from ${name}.`, ...assumed.map(sentence => `Assumed: ${sentence}.`)]
    .map(line => ` ${line}`)
    .join('\n')

function importOrFail(run: () => ImportedMesh): ImportedMesh {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof UnsettledError)) throw error
    throw new Failure(`no spec of these manifests compiles: ${error.message}`)
  }
}
