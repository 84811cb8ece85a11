import { usualLimits } from '../../../compiler/behavior/budget.ts'
import { Failure } from '../../cli/failure.ts'
import type { ProjectHost } from '../../lsp/live-project.ts'
import { listEnvironmentsAmong } from '../../project/environments.ts'
import { makeUri } from '../share/uri.ts'

/** Makes the host of a project that consists of the texts that are open. */
export function makeTextHost(root: string, listOpen: () => readonly string[]): ProjectHost {
  return {
    saved: {
      read: () => ({ reason: 'there is no such file' }),
      list: folder => listOpen().filter(path => path.slice(0, Math.max(path.lastIndexOf('/'), 0)) === folder),
      listBelow: folder => listOpen().filter(path => path.startsWith(`${folder}/`)),
    },
    listEnvironments: workspace => {
      try {
        return listEnvironmentsAmong(workspace, listOpen())
      } catch (error) {
        // A folder has an invalid name.
        if (error instanceof Failure) return []
        throw error
      }
    },
    uriOf: file => makeUri(root, file),
    readToday,
    startLimits,
    turn: () => new Promise(resolve => setTimeout(resolve)),
  }
}

/** The day in the browser's time zone. */
function readToday(): string {
  const now = new Date()
  const twoDigits = (number: number) => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${twoDigits(now.getMonth() + 1)}-${twoDigits(now.getDate())}`
}

/** The limits of a check during typing, equal to those of the language server. */
function startLimits() {
  const total = 2000
  const end = performance.now() + total
  return { ...usualLimits, time: 500, total, memory: 32 * 2 ** 20, isOver: () => performance.now() > end }
}
