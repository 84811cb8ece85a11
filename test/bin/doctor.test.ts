import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getIdentities, getMesh, project, write } from '../support/project.ts'

const test = suite('bin/doctor')

/** The folders of node and git: the test must find no other installed tool. */
const tools = project({})
for (const name of ['git', 'sh'])
  writeFileSync(
    join(tools, name),
    `#!/bin/sh\nexec ${execFileSync('which', [name], { encoding: 'utf8' }).trim()} "$@"\n`,
  )
for (const name of ['git', 'sh']) chmodSync(join(tools, name), 0o755)

/** Makes a project with `meshc init`, builds it, and puts it into a git repository with the hook. */
async function healthy(): Promise<string> {
  const folder = project({})
  assert.is((await meshc(folder, ['init'])).code, 0)
  assert.is((await meshc(folder, ['build'])).code, 0)
  execFileSync('git', ['init', '--quiet', folder])
  write(folder, { '.git/hooks/pre-commit': '#!/bin/sh\n' })
  return folder
}

interface Examined {
  readonly check: string
  readonly state: string
  readonly what: string
}

/** Lists the checks that fail, as `state what`. */
async function examined(folder: string, ...words: readonly string[]) {
  const { code, stdout, stderr } = await meshc(folder, ['doctor', '--json', ...words], {
    environment: { PATH: getPath(folder) },
  })
  assert.is(stderr, '')
  const { ok, checks } = JSON.parse(stdout) as { readonly ok: boolean; readonly checks: readonly Examined[] }
  assert.is(ok, code === 0)
  const result = checks.filter(({ state }) => state !== 'good').map(({ state, what }) => `${state} ${what}`)
  return { code, checks, found: result }
}

/**
 * Returns the folder of stand-ins for tools. It is beside the project, since meshc runs no tool in the
 * project.
 */
const standIns = (folder: string) => `${folder}-tools`

/** Returns a PATH with the stand-ins before the tools that are always installed. */
const getPath = (folder: string) => `${standIns(folder)}:${tools}`

/** Writes a stand-in for a tool. It prints an answer if the call contains its word. */
function stand(folder: string, name: string, answers: Readonly<Record<string, unknown>>): void {
  mkdirSync(standIns(folder), { recursive: true })
  const cases = Object.entries(answers).map(
    ([word, answer]) => `*${word}*) echo '${JSON.stringify(answer)}' ;;`,
  )
  writeFileSync(join(standIns(folder), name), `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac\n`)
  chmodSync(join(standIns(folder), name), 0o755)
}

const nothingElse = [
  'unseen istioctl is not installed: its version is not compared',
  'unseen kubectl is not installed',
  'unseen helm is not installed',
]

test('a project as init makes it has nothing wrong, and doctor changes nothing', async () => {
  const folder = await healthy()
  const before = getIdentities(folder)
  const { code, found: result } = await examined(folder)
  assert.equal(result, nothingElse)
  assert.is(code, 0)
  assert.equal(getIdentities(folder), before)
  const { stdout } = await meshc(folder, ['doctor'], { environment: { PATH: getPath(folder) } })
  assert.match(stdout, /^meshc \d.* on Node \d/)
  assert.match(stdout, /^ {2}✓ `out\/prod` is what the spec makes$/m)
  assert.match(stdout, /^ {2}– helm is not installed$/m)
})

test('doctor finds each single fault', async () => {
  const faults: readonly (readonly [string, (folder: string) => void, 0 | 1])[] = [
    [
      'wrong the specs have',
      folder => appendFileSync(join(folder, 'spec/prod/mesh.yaml'), '\nnonsense: 1\n'),
      1,
    ],
    [
      'wrong `out/prod` is not what the spec makes',
      folder => appendFileSync(join(folder, 'spec/prod/mesh.yaml'), '\n# later\n'),
      1,
    ],
    [
      'wrong 1 file in `out/prod` was edited by hand',
      folder => appendFileSync(join(folder, 'out/prod/kustomization.yaml'), '# by hand\n'),
      1,
    ],
    [
      'wrong git ignores 2 folders of out/',
      folder => appendFileSync(join(folder, '.gitignore'), '\nout/\n'),
      1,
    ],
    [
      'doubtful a build of `out/prod` was interrupted',
      folder => write(folder, { 'out/.prod.meshc-next-1-a/x': '' }),
      0,
    ],
    [
      'doubtful `schema/mesh.schema.json` is the schema of another meshc',
      folder => write(folder, { 'schema/mesh.schema.json': '{}' }),
      0,
    ],
    [
      'doubtful `schema/mesh.schema.json` does not have the names of the specs',
      folder => {
        const schema = readFileSync(join(folder, 'schema/mesh.schema.json'), 'utf8')
        write(folder, { 'schema/mesh.schema.json': schema.replace('"gateway/public"', '"gateway/private"') })
      },
      0,
    ],
    [
      'doubtful no workflow checks what is merged',
      folder => write(folder, { '.github/workflows/mesh.yml': 'on: push\n' }),
      0,
    ],
    [
      'doubtful `.pre-commit-config.yaml` runs meshc, but is not installed',
      folder => execFileSync('rm', [join(folder, '.git/hooks/pre-commit')]),
      0,
    ],
    [
      'doubtful no hook checks what is committed',
      folder => write(folder, { '.pre-commit-config.yaml': 'repos: []\n' }),
      0,
    ],
    [
      'doubtful the project is not in a git repository',
      folder => execFileSync('rm', ['-rf', join(folder, '.git')]),
      0,
    ],
    [
      'wrong `.github/workflows/mesh.yml` checks against Istio 1.20.0',
      folder => {
        const path = join(folder, '.github/workflows/mesh.yml')
        writeFileSync(path, readFileSync(path, 'utf8').replace(/ISTIO_VERSION: .*/, 'ISTIO_VERSION: 1.20.0'))
      },
      1,
    ],
  ]
  for (const [expected, fault, exit] of faults) {
    const folder = await healthy()
    fault(folder)
    const { code, found: result } = await examined(folder)
    const others = result.filter(line => !nothingElse.includes(line))
    assert.is(others.length, 1, `${expected}: ${others.join('; ')}`)
    assert.match(others[0]!, expected)
    assert.is(code, exit, expected)
  }
})

test('tools are compared with the Istio of the specs', async () => {
  const folder = await healthy()
  stand(folder, 'istioctl', { version: { clientVersion: { version: '1.20.0' } } })
  stand(folder, 'kubectl', { version: { clientVersion: { gitVersion: 'v1.35.0' } } })
  stand(folder, 'helm', { version: { version: 'v4.0.0' } })
  const { code, checks, found: result } = await examined(folder)
  assert.is(code, 0)
  assert.equal(
    result.map(line => line.replace(/1\.3\d\.\d+/, 'X')),
    ['doubtful istioctl is 1.20.0, `dev` is for X', 'doubtful istioctl is 1.20.0, `prod` is for X'],
  )
  assert.ok(checks.some(({ what }) => what === 'kubectl is 1.35.0'))
  assert.ok(checks.some(({ what }) => what === 'helm is 4.0.0'))
})

test('--cluster compares what runs with the spec of one environment', async () => {
  const folder = await healthy()
  const several = await meshc(folder, ['doctor', '--cluster'])
  assert.is(several.code, 2)
  assert.match(several.stderr, 'name it with `--env`')
  stand(folder, 'istioctl', {
    'remote=false': { clientVersion: { version: '1.31.4' } },
    version: {
      clientVersion: { version: '1.31.4' },
      meshVersion: [{ Component: 'pilot', Info: { version: '1.30.1' } }],
    },
  })
  stand(folder, 'helm', {
    list: [
      { name: 'istio-base', chart: 'base-1.31.4' },
      { name: 'istiod', chart: 'istiod-1.30.1' },
      { name: 'grafana', chart: 'grafana-9.0.0' },
    ],
    version: { version: 'v4.0.0' },
  })
  const { code, checks } = await examined(folder, '--env', 'prod', '--cluster')
  assert.is(code, 0)
  assert.equal(
    checks.filter(({ check }) => check === 'cluster').map(({ state, what }) => `${state} ${what}`),
    [
      'doubtful istiod is 1.30.1, `prod` is for 1.31.4',
      'good the chart base (istio-base) is 1.31.4, as `prod` says',
      'doubtful the chart istiod (istiod) is 1.30.1, `prod` is for 1.31.4',
    ],
  )
  stand(folder, 'istioctl', { version: { clientVersion: { version: '1.31.4' } } })
  assert.is((await examined(folder, '--env', 'prod', '--cluster')).code, 1)
})

test('--cluster compares each of several control planes with its revision', async () => {
  const folder = await healthy()
  const spec = join(folder, 'spec/prod/mesh.yaml')
  const text = readFileSync(spec, 'utf8').replace(
    'istio:\n',
    `namespaces: { edge: { revision: canary } }
istio:
  revisions: { stable: { version: 1.31.2, tags: [prod] }, canary: { version: 1.31.4 } }
  revision: prod
`,
  )
  writeFileSync(spec, text)
  const pilot = (Revision: string, version: string) => ({ Component: 'pilot', Revision, Info: { version } })
  stand(folder, 'istioctl', {
    version: {
      meshVersion: [
        pilot('stable', '1.31.2'),
        pilot('stable', '1.31.2'),
        pilot('canary', '1.31.2'),
        pilot('old', '1.30.1'),
      ],
    },
  })
  stand(folder, 'helm', {
    list: [
      { name: 'istio-base', chart: 'base-1.31.4' },
      { name: 'istiod-stable', chart: 'istiod-1.31.2' },
      { name: 'istiod-canary', chart: 'istiod-1.31.2' },
    ],
  })
  const { checks } = await examined(folder, '--env', 'prod', '--cluster')
  assert.equal(
    checks.filter(({ check }) => check === 'cluster').map(({ state, what }) => `${state} ${what}`),
    [
      'good istiod of the revision stable is 1.31.2, as `prod` says',
      'doubtful istiod of the revision canary is 1.31.2, `prod` is for 1.31.4',
      'doubtful istiod of the revision old runs, and `prod` has no such revision',
      'good the chart base (istio-base) is 1.31.4, as `prod` says',
      'good the chart istiod (istiod-stable) is 1.31.2, as `prod` says',
      'doubtful the chart istiod (istiod-canary) is 1.31.2, `prod` is for 1.31.4',
    ],
  )
})

test('--cluster finds the objects that another Application holds', async () => {
  const folder = await healthy()
  const mesh = /^mesh: (.+)$/m.exec(readFileSync(join(folder, 'spec/base/mesh.yaml'), 'utf8'))?.[1] ?? ''
  const tracked = (application: string, kind: string, namespace: string, name: string) => ({
    kind,
    metadata: {
      name,
      namespace,
      annotations: { 'argocd.argoproj.io/tracking-id': `${application}:x/${kind}:${namespace}/${name}` },
    },
  })
  stand(folder, 'kubectl', {
    get: {
      items: [
        tracked('legacy', 'VirtualService', mesh, 'api'),
        tracked(`${mesh}-prod-manifests`, 'VirtualService', mesh, 'web'),
        tracked('legacy', 'VirtualService', 'elsewhere', 'api'),
        { kind: 'Sidecar', metadata: { name: 'web', namespace: mesh } },
      ],
    },
    version: { clientVersion: { gitVersion: 'v1.35.0' } },
  })
  const { code, checks } = await examined(folder, '--env', 'prod', '--cluster')
  assert.equal(
    checks.filter(({ check }) => check === 'owners').map(({ state, what }) => `${state} ${what}`),
    [`wrong the Application \`legacy\` holds \`VirtualService ${mesh}/api\` of \`prod\``],
  )
  assert.is(code, 1)
})

test('doctor names the missing parts of a project with specs alone', async () => {
  const { code, found: result } = await examined(project({ 'spec/prod/mesh.yaml': getMesh(1, 'prod') }))
  assert.is(code, 1)
  assert.ok(result.includes('wrong `out/prod` is not what the spec makes'))
  assert.ok(result.includes('doubtful no editor has the schema of the specs'))
})

test.run()
