import { hidden } from '../../compiler/diagnostics/visible.ts'
import { Failure } from '../cli/failure.ts'
import { listEnvironments, openProject, type Project } from '../project/project.ts'
import type { ProjectNames } from '../schema/project-names.ts'
import { findCurrentSchema } from '../schema/schema-file.ts'

/** Lists the names of a kind in the project of the current folder, for a shell; empty outside of a project. */
export const listNames = (kind: keyof typeof nameListers): readonly string[] => nameListers[kind]()

const nameListers = {
  environments: () => namesOfProject(project => listEnvironments(project, []).map(({ name }) => name)),
  callers: () =>
    namesOfProject(project => {
      const { services, gateways, namespaces } = namesInSpecs(project)
      return [
        ...services.keys(),
        ...[...gateways.keys()].map(name => `gateway/${name}`),
        ...[...namespaces.keys()].map(name => `namespace/${name}`),
        'anyone',
      ]
    }),
  targets: () =>
    namesOfProject(project => {
      const { services, externals, hosts } = namesInSpecs(project)
      return [...services.keys(), ...[...externals.keys()].map(name => `external/${name}`), ...hosts.keys()]
    }),
}

const namesInSpecs = (project: Project): ProjectNames => findCurrentSchema(project).names

/** Lists names of the project for the shell; outside of a project there is nothing to offer. */
function namesOfProject(read: (project: Project) => readonly string[]): readonly string[] {
  try {
    // The shell shows them as they are.
    return read(openProject(undefined)).filter(name => name.search(hidden) === -1)
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}
