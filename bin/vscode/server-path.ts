import { isAbsolute, join } from 'node:path'

/** What decides which meshc serves an editor. */
export interface Circumstances {
  /** The setting `meshc.path`. */
  readonly setting: string
  readonly workspaceFolders: readonly string[]
  /** Whether the user trusts what lies in the workspace. */
  readonly isTrusted: boolean
  readonly extensionFolder: string
  exists(path: string): boolean
}

/** The meshc that serves: the one of the settings, the workspace's own, or the one in the extension. */
export function serverPath({
  setting,
  workspaceFolders,
  isTrusted,
  extensionFolder,
  exists,
}: Circumstances): string {
  const bundled = join(extensionFolder, 'meshc/dist/meshc.cjs')
  if (!isTrusted) return bundled
  const candidates =
    setting === ''
      ? workspaceFolders.map(folder => join(folder, 'node_modules/meshc/dist/meshc.cjs'))
      : isAbsolute(setting)
        ? [setting]
        : workspaceFolders.map(folder => join(folder, setting))
  return candidates.find(exists) ?? bundled
}
