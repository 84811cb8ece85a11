import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { createConnection } from 'vscode-languageserver/node'
import { once } from '../../compiler/basics/once.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { makeDefect } from '../cli/defect.ts'
import { Failure } from '../cli/failure.ts'
import { getEditorLimits } from '../cli/limits.ts'
import { readToday } from '../cli/today.ts'
import { projectWorkspace } from '../files/workspace.ts'
import { longRunFlags } from '../flags.ts'
import { locatePackageFile, version } from '../package.ts'
import { findNearestProject } from '../project/nearest-project.ts'
import { type Environment, listEnvironments } from '../project/project.ts'
import type { ProjectHost } from './live-project.ts'
import { serveProjects } from './serve-projects.ts'

/** Serves an editor over standard input and output until it ends the connection, which ends the process. */
export function serveEditor(): Promise<never> {
  const connection = createConnection(process.stdin, process.stdout)
  const { logDefect } = serveProjects(connection, {
    version,
    locate: locateDocument,
    openProject: openProjectHost,
    describeDefect: error => {
      const { message, help } = makeDefect(error)
      return `${message}; ${help}`
    },
    // Before the first check, code is loaded that was compiled under the flags of the start.
    onChecked: once(() => setFlagsFromString(longRunFlags)),
    pageOf: code => pathToFileURL(locatePackageFile(`docs/diagnostics/${code}.md`)).href,
  })
  connection.listen()
  // An uncaught error would end the server, and lose the state of the editor.
  process.on('uncaughtException', error => logDefect('something was not answered', error))
  return new Promise(() => {})
}

/**
 * Lets others have their turn. The connection reads a message in a round of the event loop, decodes it in the next, and gives it to
 * its handler in the third.
 */
async function turn(): Promise<void> {
  for (let round = 0; round < 3; round++) await setImmediate()
}

/** The project of a document, and its path there; undefined for a document in no project, or not on this machine. */
function locateDocument(uri: string) {
  const path = findFilePath(uri)
  const root = path === undefined ? undefined : findNearestProject(dirname(path))
  if (path === undefined || root === undefined) return undefined
  return { root, file: path.slice(root.length).replaceAll('\\', '/').replace(/^\//, '') }
}

/** The path of a document on this machine; undefined for another one, such as `file://host/mesh.yaml`. */
function findFilePath(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined
  try {
    return fileURLToPath(uri)
  } catch {
    return undefined
  }
}

const openProjectHost = (root: string): ProjectHost => ({
  saved: projectWorkspace(root),
  listEnvironments: workspace => environmentsOf(root, workspace),
  uriOf: file => pathToFileURL(`${root}/${file}`).href,
  readToday,
  startLimits: getEditorLimits,
  turn,
})

function environmentsOf(root: string, workspace: Workspace): readonly Environment[] {
  try {
    return listEnvironments({ root, workspace }, [])
  } catch (error) {
    // There is no project yet, or none any more.
    if (error instanceof Failure) return []
    throw error
  }
}
