import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { getContent, getMesh, project, write } from '../support/project.ts'
import { isEqual, leftovers, recordStates, restore } from '../support/stopped-builds.ts'

const test = suite('bin/crash-environments')

test('stopped anywhere in a build of several environments: each is whole, and the next build says which were replaced', async () => {
  const names = ['added', 'dev', 'prod', 'removed', 'same']
  const folder = project({
    'spec/prod/mesh.yaml': getMesh(2, 'prod'),
    'spec/same/mesh.yaml': getMesh(2, 'same'),
  })
  write(folder, { 'spec/dev/mesh.yaml': getMesh(1, 'dev'), 'spec/removed/mesh.yaml': getMesh(1, 'removed') })
  const all = ['build']
  assert.is((await meshc(folder, all)).code, 0)
  const listTrees = () =>
    names.map(name => (existsSync(join(folder, 'out', name)) ? getContent(join(folder, 'out', name)) : {}))
  // One changes in several files, one in one file, one is new, and one is gone.
  write(folder, {
    'spec/prod/mesh.yaml': getMesh(1, 'prod', '9s'),
    'spec/added/mesh.yaml': getMesh(1, 'added'),
  })
  write(folder, { 'spec/dev/mesh.yaml': getMesh(1, 'dev').replace('[GET]', '[PUT]') })
  rmSync(join(folder, 'spec/removed'), { recursive: true })
  const states = await recordStates(folder, all)
  const next = listTrees()
  const changing = names.filter(name => name !== 'same')
  let reported = 0
  for (const [call, state] of states.entries()) {
    restore(folder, state)
    const now = listTrees()
    // Between two renames the old tree stands beside, and the next build puts it back.
    const isAside = (name: string) =>
      !existsSync(join(folder, 'out', name)) &&
      leftovers(folder).some(path => path.startsWith(`.${name}.meshc-previous-`))
    const replaced = changing.filter(
      name => isEqual(now[names.indexOf(name)]!, next[names.indexOf(name)]!) && !isAside(name),
    )
    // Before the first folder is replaced, a few moments show as much as all.
    if (replaced.length === 0 && call % 7 > 0) continue
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
