/**
 * Follows the page around the frame of this page, which sends the text of a `page.json` after each edit.
 *
 * @param onPage called with each text
 */
export function followFrame(onPage: (text: string) => void): void {
  addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source === window.parent && source !== window && typeof data === 'string') onPage(data)
  })
}
