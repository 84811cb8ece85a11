import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { meshc } from '../support/meshc.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const locate = suite('locate')
const testIstioctl = await requireOracle(locate, 'istioctl')
const root = join(import.meta.dirname, '../..')

testIstioctl('locate maps a message of istioctl analyze to the line of the spec behind the manifest', () =>
  withDirectory(async directory => {
    const { istioctl } = await oracle()
    for (const folder of ['spec', 'out'])
      await cp(join(root, folder), join(directory, folder), { recursive: true })
    // A route of the edited mesh names a subset that does not exist, as after an edit of out/ by hand.
    const file = join(directory, 'out/prod/manifests/my-api/my-api.yaml')
    const text = await readFile(file, 'utf8')
    const edited = text.replace('- name: canary', '- name: canarie')
    assert.is.not(edited, text)
    await writeFile(file, edited)
    const { stdout } = await istioctl([
      'analyze',
      '--use-kube=false',
      '-A',
      '-o',
      'json',
      join(directory, 'out/prod/manifests'),
    ])
    await writeFile(join(directory, 'findings.json'), stdout)
    const { code, stdout: reported } = await meshc(directory, ['locate', 'findings.json', '--json'])
    assert.is(code, 1)
    const { tool, diagnostics } = JSON.parse(reported)
    assert.is(tool, 'istioctl')
    const spec = (await readFile(join(directory, 'spec/base/mesh.yaml'), 'utf8')).split('\n')
    const places = diagnostics.map(({ code, file, line }: Record<string, string | number>) => [
      code,
      file,
      spec[Number(line) - 1]?.trim(),
    ])
    assert.ok(
      places.some(
        ([code, file, line]: readonly string[]) =>
          code === 'IST0101' && file === 'spec/base/mesh.yaml' && line === 'my-api:',
      ),
      JSON.stringify(places),
    )
  }),
)

locate.run()
