import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Comparison } from '../../bin/output/comparison.ts'
import { FileMemory } from '../../bin/output/file-memory.ts'
import { type Output, OutputFolder } from '../../bin/output/output-folder.ts'
import { stageOutput } from '../../bin/output/stage.ts'
import { project } from '../support/project.ts'
import { seed } from '../support/seed.ts'

const test = suite('bin/file-memory')

const paths = ['a.yaml', 'b.yaml', 'c/d.yaml']
/** Some texts have the same size. */
const text = fc.constantFrom('x: 1\n', 'x: 2\n', 'x: 10\n')
const output = (texts: readonly string[]): Output => ({
  version: '1',
  sources: [],
  files: () => texts.map((text, index) => ({ path: paths[index]!, text })),
  neighbors: new Set(),
})

/** A step between two looks: a build, an edit by hand of one file, or its removal. */
const step = fc.oneof(
  fc.record({ build: fc.tuple(text, text, text) }),
  fc.record({ path: fc.constantFrom(...paths), edit: text }),
  fc.record({ remove: fc.constantFrom(...paths) }),
)

test('a comparison with a memory has the same states and digests as one without', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async steps => {
      const folder = new OutputFolder(project({}), 'out/prod')
      const memory = new FileMemory()
      let expected = output(['x: 1\n', 'x: 1\n', 'x: 1\n'])
      let date = 1_000
      for (const step of steps) {
        if ('build' in step) {
          expected = output(step.build)
          const staged = await stageOutput(folder, expected, { memory })
          staged.commit()
          staged.close()
          // The dates of files are reliable once they are old. Each write has a date of its own.
          for (const path of staged.changes.written) utimesSync(folder.pathTo(path), date, date++)
        } else
          try {
            if ('remove' in step) rmSync(folder.pathTo(step.remove))
            else {
              readFileSync(folder.pathTo(step.path))
              writeFileSync(folder.pathTo(step.path), step.edit)
              utimesSync(folder.pathTo(step.path), date, date++)
            }
          } catch {
            // No build has made the file yet.
          }
        assert.equal(
          [...new Comparison(folder, expected, memory).files()],
          [...new Comparison(folder, expected).files()],
        )
      }
    }),
    { seed, numRuns: 100 },
  )
})

test('a file that is as before is not read again, unless it is young', async () => {
  const folder = new OutputFolder(project({}), 'out/prod')
  const memory = new FileMemory()
  const built = output(['x: 1\n', 'x: 1\n', 'x: 1\n'])
  const look = () => [...new Comparison(folder, built, memory).files()].map(({ state }) => state)
  const staged = await stageOutput(folder, built)
  staged.commit()
  staged.close()
  utimesSync(folder.pathTo('a.yaml'), 1_000, 1_000)
  look()
  // An edit that keeps the size and the date shows which files are read.
  for (const path of ['a.yaml', 'b.yaml']) writeFileSync(folder.pathTo(path), 'x: 2\n')
  utimesSync(folder.pathTo('a.yaml'), 1_000, 1_000)
  assert.equal(look(), ['same', 'edited', 'same', 'same'])
})

test.run()
