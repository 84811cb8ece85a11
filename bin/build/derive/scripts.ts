import { readdirSync, readFileSync } from 'node:fs'

/** A module with the text of each script of a folder, under the name of its file. */
export function listScripts(folder: string): string {
  const files = readdirSync(folder).toSorted()
  return files
    .map(file => {
      const name = file.replace(/\.\w+$/, '')
      return `export const ${name} = ${JSON.stringify(readFileSync(`${folder}/${file}`, 'utf8'))}\n`
    })
    .join('\n')
}
