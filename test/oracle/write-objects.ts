import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes objects to a file, one JSON document each, which is YAML as well. Gives the file's path. */
export async function writeObjects(
  directory: string,
  file: string,
  objects: readonly object[],
): Promise<string> {
  const path = join(directory, file)
  await writeFile(path, objects.map(object => `---\n${JSON.stringify(object, undefined, 1)}\n`).join(''))
  return path
}
