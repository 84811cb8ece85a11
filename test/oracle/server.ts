import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A program that runs until it is stopped. */
export interface Server {
  readonly name: string
  /** Returns the output so far, of both streams. */
  readonly log: () => Promise<string>
  /** Throws an error with the end of the log if the program has ended by itself. */
  readonly assertRuns: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  readonly name: string
  readonly program: string
  readonly commandLine: readonly string[]
  /** The file that receives the output of both streams. */
  readonly logFile: string
  readonly cwd: string
  /** Variables that are added to the caller's own. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts a program. The kernel ends it when this process ends for any reason. */
export function startServer(options: ServerOptions): Server {
  const { name, program, commandLine, logFile, cwd, environment } = options
  const output = openSync(logFile, 'w')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...commandLine], {
    cwd,
    env: { ...process.env, ...environment },
    // A program stops at the end of its input, so the input is a pipe.
    stdio: ['pipe', output, output],
  })
  closeSync(output)
  let end: string | undefined
  const ended = new Promise<void>(resolve => {
    child.on('error', error => {
      end = error.message
      resolve()
    })
    child.on('exit', (code, signal) => {
      end = signal ?? `exit code ${code}`
      resolve()
    })
  })
  const log = () => readFile(logFile, 'utf8')
  return {
    name,
    log,
    assertRuns: async () => {
      if (end !== undefined) throw new Error(`${name} ended (${end}):\n${(await log()).slice(-2000)}`)
    },
    stop: async () => {
      // No data must be kept. After a polite signal, an API server waits for its stopped etcd.
      child.kill('SIGKILL')
      await ended
    },
  }
}

/**
 * Asks a question repeatedly until it has an answer. Throws an error with the last reason after some seconds.
 */
export async function eventually<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    let reason: unknown
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      reason = error
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not so after ${seconds} s`, { cause: reason })
    }
    await sleep(300)
  }
}

/** Finds a port of the loopback interface on which no program listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      // While a TCP server listens, its address has this shape.
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
