import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of the package that is read when it is asked for; `bin/` and `dist/` lie equally deep. */
export const packageFile = (path: string): string => join(import.meta.dirname, '..', path)

/** The version of meshc. */
export const version: string = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version
