import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes objects to a file as JSON documents, which are also YAML. Returns the path of the file. */
export async function writeObjects(
  directory: string,
  file: string,
  objects: readonly object[],
): Promise<string> {
  const path = join(directory, file)
  await writeFile(path, objects.map(object => `---\n${JSON.stringify(object, undefined, 1)}\n`).join(''))
  return path
}
