import { get, type IncomingMessage, request as openRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ended, meshc, startMeshc } from '../support/meshc.ts'
import { project, write } from '../support/project.ts'

const test = suite('bin/serve')

const spec = `meshc: v1
mesh: shop
services:
  cart: { namespace: shop, port: { http: 8080 }, allow: [{ from: web, methods: [GET] }] }
  web: { namespace: shop, port: { http: 8080 }, allow: [{ from: cart }] }
`
const path = 'spec/prod/mesh.yaml'

const running = new Set<ReturnType<typeof startMeshc>>()

test.after.each(() => {
  for (const child of running) child.kill()
  running.clear()
})

/** Starts a server, and returns its printed address. */
async function start(folder: string) {
  const child = startMeshc(folder, ['serve'])
  running.add(child)
  const end = ended(child)
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  for (const began = Date.now(); Date.now() - began < 60_000; await sleep(10)) {
    const url = /^http:\S+$/m.exec(output)?.[0]
    if (url === undefined) continue
    const stop = () => {
      child.kill('SIGINT')
      return end
    }
    return { url: new URL(url), stop }
  }
  throw new Error(`no address was told: ${output}`)
}

/** Sends a request to a server, and returns the status and the text of the answer. */
const ask = (url: URL, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    openRequest(url, { method, headers }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
      .on('error', reject)
      .end()
  })

const withPath = (url: URL, pathname: string): URL => {
  const address = new URL(url)
  address.pathname = pathname
  return address
}

test('only clients of this machine with the full address get an answer, and no request changes anything', async () => {
  const { url, stop } = await start(project({ [path]: spec }))
  assert.is(url.hostname, '127.0.0.1')
  const page = await ask(url)
  assert.is(page.status, 200)
  assert.match(page.text, /connect-src 'self'/)
  const withoutToken = new URL(url)
  withoutToken.search = ''
  assert.is((await ask(withoutToken)).status, 403)
  const wrongToken = new URL(url)
  wrongToken.searchParams.set('token', 'x'.repeat(32))
  assert.is((await ask(wrongToken)).status, 403)
  for (const pathname of ['/page.json', '/events'])
    assert.is((await ask(withPath(withoutToken, pathname))).status, 403)
  assert.is((await ask(url, { origin: 'http://evil.example' })).status, 403)
  assert.is((await ask(url, { origin: `http://127.0.0.1:${url.port}` })).status, 200)
  assert.is((await ask(url, { host: 'evil.example' })).status, 421)
  assert.is((await ask(url, {}, 'POST')).status, 405)
  assert.is((await ask(withPath(url, '/../../etc/passwd'))).status, 404)
  const { signal } = await stop()
  assert.is(signal, 'SIGINT')
})

test('an edit draws the map again, and errors appear with the last map', async () => {
  const folder = project({ [path]: spec })
  const { url, stop } = await start(folder)
  let events = ''
  const stream = await new Promise<IncomingMessage>(resolve => {
    get(withPath(url, '/events'), resolve)
  })
  stream.setEncoding('utf8').on('data', (text: string) => {
    events += text
  })
  stream.on('error', () => {})
  const tells = async (pattern: RegExp) => {
    for (const began = Date.now(); Date.now() - began < 60_000; await sleep(10)) {
      if (pattern.test(events)) return
    }
    throw new Error(`${pattern} was not told, but: ${events}`)
  }
  const readLabels = async () => {
    const { text } = await ask(withPath(url, '/page.json'))
    const { picture } = JSON.parse(text)
    return picture.environments[0].mesh.map.calls.map(({ label }: { readonly label: string }) => label).sort()
  }
  assert.equal(await readLabels(), ['', 'GET'])
  await sleep(150)
  write(folder, { [path]: spec.replace('[GET]', '[GET, POST]') })
  await tells(/"kind":"page"/)
  assert.equal(await readLabels(), ['', 'GET, POST'])
  await sleep(150)
  write(folder, { [path]: spec.replace('from: web', 'from: wep') })
  await tells(/"kind":"diagnostics".*MESH2007/)
  assert.equal(await readLabels(), ['', 'GET, POST'])
  await stop()
})

test('a spec with errors at the start and an invalid port are errors', async () => {
  const wrong = await meshc(project({ [path]: spec.replace('from: web', 'from: wep') }), ['serve'])
  assert.is(wrong.code, 1)
  const { code, stderr } = await meshc(project({ [path]: spec }), ['serve', '--port', '99999'])
  assert.is(code, 2)
  assert.match(stderr, /`99999` is no port/)
})

test.run()
