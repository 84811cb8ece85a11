import { issuesPage } from '../package.ts'
import { Failure } from './failure.ts'

/** The failure that meshc itself is to blame for: whatever was thrown and is no failure. */
export function makeDefect(error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error)
  return new Failure(
    `meshc has a defect: ${reason}`,
    `report it at ${issuesPage} with the spec or manifests, and with what \`MESHC_TRACE=1\` adds`,
  )
}
