import type { LiveDiagnostic, LiveEvent } from '../../../../compiler/map/live-events.ts'
import { readJson } from './read-json.ts'

/** The news of the server behind a live page. */
export interface LiveStatus {
  readonly isConnected: boolean
  readonly diagnostics: readonly LiveDiagnostic[]
}

/** The milliseconds until the next try, after a server refuses or is absent. */
const retryPause = 2_000

/**
 * Follows the server of a live page: its events, and the page that they announce. The addresses keep the query of the page. A lost
 * connection is tried again until it is restored, and then the missed page is loaded.
 *
 * @param current the text of `page.json` that the page has already
 * @param onPage called with the text of each other `page.json`
 * @param onStatus called with each status
 */
export function followServer(
  current: string,
  onPage: (text: string) => void,
  onStatus: (status: LiveStatus) => void,
): void {
  const query = location.search
  let status: LiveStatus = { isConnected: true, diagnostics: [] }
  let last = current
  let [isLoading, isLate] = [false, false]
  const update = (part: Partial<LiveStatus>) => {
    status = { ...status, ...part }
    onStatus(status)
  }
  const load = async () => {
    if (isLoading) {
      isLate = true
      return
    }
    isLoading = true
    do {
      isLate = false
      try {
        const response = await fetch(`page.json${query}`, { cache: 'no-store' })
        if (!response.ok) throw new Error(response.statusText)
        const text = await response.text()
        if (text !== last) onPage(text)
        last = text
        update({ isConnected: true })
      } catch {
        update({ isConnected: false })
        await new Promise(resolve => setTimeout(resolve, retryPause))
        isLate = true
      }
    } while (isLate)
    isLoading = false
  }
  const listen = () => {
    const source = new EventSource(`events${query}`)
    source.addEventListener('open', load)
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const event = readJson<LiveEvent>(data)
      if (event.kind === 'diagnostics') update({ diagnostics: event.diagnostics })
      if (event.kind === 'page') {
        // A page is made of a spec without errors only.
        update({ diagnostics: status.diagnostics.filter(({ severity }) => severity !== 'error') })
        load()
      }
    })
    source.addEventListener('error', () => {
      update({ isConnected: false })
      // A refused connection stays closed: the browser retries only a broken one.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, retryPause)
    })
  }
  onStatus(status)
  listen()
}
