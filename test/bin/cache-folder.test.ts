import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { locateCache } from '../../bin/files/cache-folder.ts'
import { meshc } from '../support/meshc.ts'
import { getMesh, pathsIn, project } from '../support/project.ts'

const test = suite('bin/cache-folder')

/** True if Node keeps compiled code in a given folder, as Node 22.1 and later do. */
const keepsCode = 'enableCompileCache' in nodeModule

test('it is made below the cache of the user, for the user alone', () => {
  const home = project({})
  assert.is(locateCache({ HOME: home }, 'linux'), join(home, '.cache/meshc'))
  assert.is(statSync(join(home, '.cache/meshc')).mode & 0o777, 0o700)
  assert.is(locateCache({ HOME: home }, 'linux'), join(home, '.cache/meshc'))
  assert.is(locateCache({ HOME: '/nowhere', XDG_CACHE_HOME: home }, 'linux'), join(home, 'meshc'))
  assert.is(locateCache({ HOME: home, XDG_CACHE_HOME: '' }, 'darwin'), join(home, 'Library/Caches/meshc'))
  assert.is(locateCache({ LOCALAPPDATA: home, HOME: '/nowhere' }, 'win32'), join(home, 'meshc'))
})

/** Obstacles that another user may put in place of the folder. */
const attacks: Readonly<Record<string, (cache: string) => void>> = {
  'a link to another folder': cache => symlinkSync(project({}), join(cache, 'meshc')),
  'a link to nothing': cache => symlinkSync('/nowhere/else', join(cache, 'meshc')),
  'a file': cache => writeFileSync(join(cache, 'meshc'), ''),
  'a folder that everybody writes in': cache => {
    mkdirSync(join(cache, 'meshc'))
    chmodSync(join(cache, 'meshc'), 0o777)
  },
  'a folder that a group writes in': cache => {
    mkdirSync(join(cache, 'meshc'))
    chmodSync(join(cache, 'meshc'), 0o770)
  },
  'a folder in one that everybody writes in': cache => {
    mkdirSync(join(cache, 'meshc'), { mode: 0o700 })
    chmodSync(cache, 0o777)
  },
  // Only root can change the owner of a folder.
  ...(process.getuid?.() === 0 && {
    'a folder of another user': (cache: string) => {
      mkdirSync(join(cache, 'meshc'))
      chownSync(join(cache, 'meshc'), 65_534, 65_534)
    },
    'a folder in one of another user': (cache: string) => chownSync(cache, 65_534, 65_534),
  }),
}

for (const [name, attack] of Object.entries(attacks))
  test(`${name} is not used`, async () => {
    const cache = project({})
    attack(cache)
    const before = pathsIn(cache)
    assert.is(locateCache({ XDG_CACHE_HOME: cache }, 'linux'), undefined)
    const { code } = await meshc(cache, ['--version'], { environment: { XDG_CACHE_HOME: cache } })
    assert.is(code, 0)
    assert.equal(
      pathsIn(cache).filter(path => path !== 'meshc'),
      before.filter(path => path !== 'meshc'),
      'no code was kept',
    )
  })

test('without a folder of the user nothing is kept', () => {
  for (const environment of [{}, { HOME: 'here' }, { XDG_CACHE_HOME: '.' }, { HOME: '/dev/null' }])
    assert.is(locateCache(environment, 'linux'), undefined)
})

test('compiled code lies there, and never among the temporary files of all users', async () => {
  const [home, temporary] = [project({}), project({})]
  const folder = project({ 'spec/prod/mesh.yaml': getMesh(2, 'prod') })
  const environment = { HOME: home, TMPDIR: temporary }
  for (const words of [['build'], ['build', '--check']])
    assert.is((await meshc(folder, words, { environment })).code, 0)
  assert.equal(readdirSync(temporary), [])
  assert.is(pathsIn(home).length > 2, keepsCode)
})

test.run()
