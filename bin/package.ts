import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the package that is read when it is asked for; `bin/` and `dist/` lie equally deep. */
export const packageFile = (path: string): string => join(import.meta.dirname, '..', path)

const { name, version: ownVersion } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))

/** The name by which npm knows meshc: its scope is the owner of this repository, so that nobody else can register it. */
export const packageName: string = name

/** The version of meshc. */
export const version: string = ownVersion
