import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isEqual, killerAt, leftovers, restore } from '../support/kill.ts'
import { meshc } from '../support/meshc.ts'
import { getContent, getMesh, project, write } from '../support/project.ts'

const test = suite('bin/crash-environments')

test('killed anywhere in a build of several environments: each is whole, and the next build says which were replaced', async () => {
  const names = ['added', 'dev', 'prod', 'removed', 'same']
  const folder = project({
    'spec/prod/mesh.yaml': getMesh(2, 'prod'),
    'spec/same/mesh.yaml': getMesh(2, 'same'),
  })
  write(folder, { 'spec/dev/mesh.yaml': getMesh(1, 'dev'), 'spec/removed/mesh.yaml': getMesh(1, 'removed') })
  const all = ['build']
  assert.is((await meshc(folder, all)).code, 0)
  const copy = project({})
  cpSync(join(folder, 'out'), join(copy, 'out'), { recursive: true })
  const listTrees = () =>
    names.map(name => (existsSync(join(folder, 'out', name)) ? getContent(join(folder, 'out', name)) : {}))
  // One changes in several files, one in one file, one is new, and one is gone.
  write(folder, {
    'spec/prod/mesh.yaml': getMesh(1, 'prod', '9s'),
    'spec/added/mesh.yaml': getMesh(1, 'added'),
  })
  write(folder, { 'spec/dev/mesh.yaml': getMesh(1, 'dev').replace('[GET]', '[PUT]') })
  rmSync(join(folder, 'spec/removed'), { recursive: true })
  assert.is((await meshc(folder, all)).code, 0)
  const next = listTrees()
  const node = ['--require', killerAt(folder)]
  const changing = names.filter(name => name !== 'same')
  let reported = 0
  // Before the first folder is replaced, a few moments tell as much as all.
  let stride = 7
  for (let call = 1; ; call += stride) {
    assert.ok(call < 500)
    restore(folder, copy)
    const { signal } = await meshc(folder, all, { node, environment: { KILL_AT: String(call) } })
    if (signal === null) break
    const now = listTrees()
    // Between two renames the old tree stands beside, and the next build puts it back.
    const isAside = (name: string) =>
      !existsSync(join(folder, 'out', name)) &&
      leftovers(folder).some(path => path.startsWith(`.${name}.meshc-previous-`))
    const replaced = changing.filter(
      name => isEqual(now[names.indexOf(name)]!, next[names.indexOf(name)]!) && !isAside(name),
    )
    if (replaced.length > 0 && stride > 1) {
      call -= stride
      stride = 1
      continue
    }
    const waiting = changing.filter(name => !replaced.includes(name))
    const { code, stderr } = await meshc(folder, all)
    assert.is(code, 0, `call ${call}: ${stderr}`)
    assert.equal(listTrees(), next, `call ${call}`)
    assert.equal(leftovers(folder), [], `call ${call}`)
    const lists = [replaced, waiting].map(group => group.map(name => `out/${name}`))
    const [, ...stated] =
      /an earlier build was killed: it had replaced (.*), but not ([^;]*);/.exec(stderr) ?? []
    if (stated.length === 0) {
      assert.ok(replaced.length === 0 || waiting.length === 0, `call ${call}: ${lists.join(' / ')}`)
      continue
    }
    reported++
    assert.equal(
      stated.map(words => [...words.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort()),
      lists,
      `call ${call}`,
    )
  }
  assert.ok(reported >= changing.length - 1, `${reported}`)
})

test.run()
