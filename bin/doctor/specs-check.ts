import { printCount } from '../../compiler/diagnostics/counted.ts'
import { describeTally } from '../project/compile-environments.ts'
import { describeEnvironments } from '../project/environments.ts'
import { describeCounts } from '../report/report.ts'
import { type Check, reportDoubtful, reportGood, reportWrong } from './check.ts'

/** Checks that every spec compiles. */
export const specsCheck: Check = {
  name: 'specs',
  examine({ environments, result }) {
    if (result.failed.length > 0)
      return [reportWrong(`the specs have ${describeTally(result)}`, '`meshc validate` shows them')]
    const names = describeEnvironments(environments.map(({ name }) => name))
    if (result.diagnostics.length > 0)
      return [
        reportDoubtful(
          `the specs compile, with ${describeCounts(result.diagnostics)}`,
          '`meshc validate` shows them',
        ),
      ]
    return [reportGood(`${printCount(environments.length, 'spec')} without a fault: ${names}`)]
  },
}
