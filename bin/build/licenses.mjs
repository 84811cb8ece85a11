import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The licences of the packages that a bundle holds, which they ask to be given along.
 *
 * @param without the packages that bring no text of their licence along: their name alone is given
 */
export async function licenses(root, inputs, without = []) {
  const folders = new Set(
    inputs.flatMap(input => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []),
  )
  const texts = await Promise.all(
    [...folders].sort().map(async path => {
      const folder = join(root, path)
      const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
      const file = (await readdir(folder)).find(name => /^licen[cs]e([.-](txt|md|mit))?$/i.test(name))
      if (file === undefined && without.includes(name)) return `${name} ${version} (${license})\n`
      if (file === undefined) throw new Error(`${name} has no licence`)
      return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
    }),
  )
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
