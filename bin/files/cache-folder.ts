import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** The permissions of other users to write: of the group, or of all. */
const writableByOthers = 0o022
/** The bit of a folder in which users cannot rename each other's files, as in /tmp. */
const sticky = 0o1000

/**
 * The folder in which meshc caches compiled code, created if absent: `meshc` below XDG_CACHE_HOME or ~/.cache, on macOS below
 * ~/Library/Caches, on Windows below %LOCALAPPDATA%. A user who can write there can run code here. So the folder, and every folder
 * above it, must be a real folder in which only this user or the system can write; undefined otherwise.
 *
 * See https://specifications.freedesktop.org/basedir-spec
 */
export function locateCache(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const base = findCacheBase(environment, platform)
  if (base === undefined || !isAbsolute(base)) return undefined
  const folder = join(base, 'meshc')
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // On Windows, the system protects the folders of a user from others.
    return process.getuid === undefined || isOwn(folder, process.getuid()) ? folder : undefined
  } catch {
    return undefined
  }
}

function findCacheBase(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') return environment['LOCALAPPDATA']
  const { XDG_CACHE_HOME: cache, HOME: home } = environment
  if (cache !== undefined && cache !== '') return cache
  if (home === undefined) return undefined
  return platform === 'darwin' ? join(home, 'Library/Caches') : join(home, '.cache')
}

function isOwn(folder: string, user: number): boolean {
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || stat.uid !== user || (stat.mode & writableByOthers) !== 0) return false
  for (let above = dirname(realpathSync.native(folder)); ; above = dirname(above)) {
    const { uid, mode } = lstatSync(above)
    const isSafe = (uid === user || uid === 0) && ((mode & writableByOthers) === 0 || (mode & sticky) !== 0)
    if (!isSafe) return false
    if (dirname(above) === above) return true
  }
}
