import { counted } from '../../compiler/diagnostics/counted.ts'
import { list } from '../../compiler/diagnostics/suggest.ts'
import { tally } from '../compile-environments.ts'
import { countsOf } from '../report/report.ts'
import { type Check, doubtful, good, wrong } from './check.ts'

/** Whether every spec compiles. */
export const specsCheck: Check = {
  name: 'specs',
  examine({ environments, result }) {
    if (result.failed.length > 0)
      return [wrong(`the specs have ${tally(result)}`, '`meshc validate` shows them')]
    const names = list(environments.map(({ name }) => name))
    if (result.diagnostics.length > 0)
      return [
        doubtful(`the specs compile, with ${countsOf(result.diagnostics)}`, '`meshc validate` shows them'),
      ]
    return [good(`${counted(environments.length, 'spec')} without a fault: ${names}`)]
  },
}
