import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { meshc } from './meshc.ts'
import { project } from './project.ts'

/** The calls that change the disk. */
const changes = [
  'chmod',
  'copyFile',
  'link',
  'lutimes',
  'mkdir',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'unlink',
  'writeFile',
]

/** Lists the files that a stopped build left beside the folder. */
export const leftovers = (folder: string) =>
  existsSync(join(folder, 'out'))
    ? readdirSync(join(folder, 'out')).filter(name => name.includes('.meshc-'))
    : []

/** Puts the tree of a copy back. */
export function restore(folder: string, copy: string): void {
  rmSync(join(folder, 'out'), { recursive: true, force: true })
  cpSync(join(copy, 'out'), join(folder, 'out'), { recursive: true })
}

/**
 * Runs meshc once, and copies `out/` before each call that changes the disk. A process that is killed before the call leaves the
 * same files, so one run stands for a killed run before each of its calls.
 *
 * @returns the folders that hold the copies, in the order of the calls
 */
export async function recordStates(folder: string, words: readonly string[]): Promise<readonly string[]> {
  const states = project({})
  const recorder = project({
    'recorder.cjs': `const fs = require('node:fs')
    const { cpSync, existsSync } = fs
    let call = 0
    let isCopying = false
    for (const name of ${JSON.stringify(changes.map(name => `${name}Sync`))}) {
      const original = fs[name]
      fs[name] = (...words) => {
        if (!isCopying && existsSync('out')) {
          isCopying = true
          const copy = ${JSON.stringify(states)} + '/' + String(++call).padStart(4, '0') + '/out'
          cpSync('out', copy, { recursive: true, verbatimSymlinks: true })
          isCopying = false
        }
        return original(...words)
      }
    }`,
  })
  const node = ['--require', join(recorder, 'recorder.cjs')]
  const { code, stderr } = await meshc(folder, words, { node })
  if (code !== 0) throw new Error(`the recorded run failed: ${stderr}`)
  return readdirSync(states)
    .sort()
    .map(name => join(states, name))
}

/** Compares two trees, or other plain values. */
export const isEqual = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b)
