import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * Lists the files of a folder of the project, in order.
 *
 * @param ending the ending of the file names; by default that of TypeScript
 * @returns paths from the root of the project
 */
export function listFiles(folder: string, ending = /\.m?ts$/): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && ending.test(entry.name) && !entry.name.endsWith('.d.mts'))
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(file => !file.startsWith('schema/generated/'))
    .toSorted()
}

/** Reads a file by its path from the root of the project. */
export const readText = (file: string): string => readFileSync(join(root, file), 'utf8')
