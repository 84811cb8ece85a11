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
  /** Throws, with the end of the log, once it has ended by itself. */
  readonly assertRuns: () => Promise<void>
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  readonly name: string
  readonly program: string
  readonly commandLine: readonly string[]
  /** The file that takes its outputs. */
  readonly logFile: string
  readonly cwd: string
  /** Variables on top of the caller's own. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts a program. The kernel ends it when this process ends, however that happens. */
export function startServer(options: ServerOptions): Server {
  const { name, program, commandLine, logFile, cwd, environment } = options
  const output = openSync(logFile, 'w')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...commandLine], {
    cwd,
    env: { ...process.env, ...environment },
    // A pipe, since one of them reads its input to know when to stop.
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
      // Its data are thrown away. Asked politely, an API server waits for an etcd that is gone.
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Waits until a question has an answer, asking again and again. Gives up after some seconds, with the last reason. */
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

/** A port of the loopback interface on which no program listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      // A TCP server has an address of this shape while it listens.
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}
