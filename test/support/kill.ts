import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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

/** A module that kills the process just before the call of that number which changes the disk, counted from 1. */
export function killerAt(folder: string): string {
  const file = join(folder, 'killer.cjs')
  const calls = [
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
  writeFileSync(
    file,
    `const fs = require('node:fs')
    let left = Number(process.env.KILL_AT)
    for (const name of ${JSON.stringify(calls.map(name => `${name}Sync`))}) {
      const original = fs[name]
      fs[name] = (...words) => {
        if (--left === 0) process.kill(process.pid, 'SIGKILL')
        return original(...words)
      }
    }`,
  )
  return file
}

/** Tells whether two trees, or other plain values, are the same. */
export const isEqual = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b)
