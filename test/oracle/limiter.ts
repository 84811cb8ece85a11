import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type Server, startServer } from './server.ts'
import { oracle, withDirectory } from './tools.ts'

/**
 * Runs the rate-limit service of envoyproxy with some limits. All counts start at zero.
 *
 * @param files the texts of its configuration, by the names of the files that a ConfigMap mounts
 * @param use gets the address of the service
 */
export async function withLimiter<Value>(
  files: Readonly<Record<string, string>>,
  use: (address: string, log: Server['log']) => Promise<Value>,
): Promise<Value> {
  const { ratelimit, redis } = (await oracle()).limiterPrograms()
  return withDirectory(async directory => {
    const config = join(directory, 'ratelimit/config')
    await mkdir(config, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(config, name), text)
    const [store, grpc, http, debug] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
    const start = (name: string, program: string, commandLine: readonly string[], environment = {}) =>
      startServer({
        name,
        program,
        commandLine,
        logFile: join(directory, `${name}.log`),
        cwd: directory,
        environment,
      })
    const storing = start('redis', redis, ['--port', `${store}`, '--bind', '127.0.0.1', '--save', ''])
    try {
      await waitForPort(storing, store)
      const counting = start('ratelimit', ratelimit, [], {
        REDIS_SOCKET_TYPE: 'tcp',
        REDIS_URL: `127.0.0.1:${store}`,
        USE_STATSD: 'false',
        RUNTIME_ROOT: directory,
        RUNTIME_SUBDIRECTORY: 'ratelimit',
        RUNTIME_WATCH_ROOT: 'false',
        RUNTIME_IGNOREDOTFILES: 'true',
        GRPC_PORT: `${grpc}`,
        PORT: `${http}`,
        DEBUG_PORT: `${debug}`,
      })
      try {
        await waitForPort(counting, grpc)
        return await use(`127.0.0.1:${grpc}`, counting.log)
      } finally {
        await counting.stop()
      }
    } finally {
      await storing.stop()
    }
  })
}

async function waitForPort(server: Server, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    await server.assertRuns()
    if (await isOpen(port)) return
    await sleep(50)
  }
  throw new Error(`${server.name} does not listen:\n${await server.log()}`)
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
  })
