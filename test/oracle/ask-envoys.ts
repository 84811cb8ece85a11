import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Request } from '../../compiler/behavior/request.ts'
import { getTruth, type Truth } from '../behavior/truth.ts'
import { oracle, withDirectory } from './tools.ts'

interface Answers {
  /** The truth of each request, in their order. */
  readonly truths: readonly Truth[]
  /** The objects that Istio refuses: `Kind namespace/name`. */
  readonly refused: readonly string[]
}

/** Asks real Envoys about requests to the workloads of folders. */
export async function askEnvoys(folders: readonly string[], requests: readonly Request[]): Promise<Answers> {
  const { behavior: ask } = await oracle()
  const { lines, refused } = await ask(folders, requests)
  return { truths: requests.map((request, index) => getTruth(request, lines[index]!)), refused }
}

/** Asks real Envoys about requests to the workloads of manifests, YAML in one text. */
export const askEnvoysAbout = (text: string, requests: readonly Request[]): Promise<Answers> =>
  withDirectory(async directory => {
    await writeFile(join(directory, 'manifests.yaml'), text)
    return askEnvoys([directory], requests)
  })
