import { isAbsolute, join } from 'node:path'

/** The circumstances that decide which meshc serves an editor. */
interface Circumstances {
  /** The setting `meshc.path`. */
  readonly setting: string
  readonly workspaceFolders: readonly string[]
  /** True if the user trusts the workspace. */
  readonly isTrusted: boolean
  readonly extensionFolder: string
  /** The npm package name of meshc: another package with the name meshc is not used. */
  readonly packageName: string
  exists(path: string): boolean
}

/** The meshc that serves: the one of the settings, the workspace's own, or the one in the extension. */
export function locateServer({
  setting,
  workspaceFolders,
  isTrusted,
  extensionFolder,
  packageName,
  exists,
}: Circumstances): string {
  const bundled = join(extensionFolder, 'meshc/dist/meshc.cjs')
  if (!isTrusted) return bundled
  const candidates =
    setting === ''
      ? workspaceFolders.map(folder => join(folder, 'node_modules', packageName, 'dist/meshc.cjs'))
      : isAbsolute(setting)
        ? [setting]
        : workspaceFolders.map(folder => join(folder, setting))
  return candidates.find(exists) ?? bundled
}
