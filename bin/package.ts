import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The path of a file of the package that is read on demand; `bin/` and `dist/` have the same depth. */
export const locatePackageFile = (path: string): string => join(import.meta.dirname, '..', path)

const manifest = JSON.parse(readFileSync(locatePackageFile('package.json'), 'utf8'))

/** The name by which npm knows meshc: its scope is the owner of this repository, so that no stranger can register it. */
export const packageName: string = manifest.name

/** True if a registry may have the package: the placeholder owner cannot be published. */
export const isPublished = !packageName.startsWith('@OWNER/')

/** The version of meshc. */
export const version: string = manifest.version

/** The address of the page where defects are reported. */
export const issuesPage: string = manifest.bugs.url
