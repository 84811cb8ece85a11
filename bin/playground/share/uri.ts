/** The address of a file of a project in the playground. */
export const makeUri = (root: string, file: string): string =>
  `file:///${root}/${file.split('/').map(encodeURIComponent).join('/')}`

/** The project of an address, and the path of the file in it; undefined for another address. */
export function readUri(uri: string): { readonly root: string; readonly file: string } | undefined {
  const [, root, path] = /^file:\/\/\/([\w-]+)\/(.+)$/.exec(uri) ?? []
  if (root === undefined || path === undefined) return undefined
  try {
    return { root, file: path.split('/').map(decodeURIComponent).join('/') }
  } catch {
    return undefined
  }
}
