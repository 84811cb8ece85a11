import { symlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Part, programOnPath } from './part.ts'

/** The redis-server of the machine, any version: Argo CD can make all data in it again. */
export const redis: Part = {
  inputs: [fileURLToPath(import.meta.url)],
  make: target => symlink(programOnPath('redis-server'), target),
}
