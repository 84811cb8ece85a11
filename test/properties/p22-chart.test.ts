import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import { rootFile } from '../../compiler/emit/argocd/names.ts'
import { property } from '../support/property.ts'

/**
 * The Helm actions that a template of objects may contain. An expression stands for a value of the object.
 */
const actions: readonly RegExp[] = [
  /^- \/\* Built by meshc from [^*]+: change that, not this\. \*\/$/,
  /^- if and \.Values\.(?<group>\w+)\.enabled \.Values\.\k<group>\.\w+ $/,
  /^- \$(times|shares|mirror) := include "meshc\.\1" \(dict "values" \$\.Values( "\w+" ("[-\w]*"|\d+))+\) \| fromJson $/,
  /^- \$replicas := include "meshc\.replicas" \(dict "owner" "[-.\w]+" "said" \((\$\.Values\.istio\.controlPlane|index \(\$\.Values\.gateways \| default dict\) "[-\w]+")\) "min" 1 "max" \d\) \| fromJson $/,
  /^- with \$times\.(timeout|perTryTimeout) $/,
  /^- if (gt \(len \$shares\) 1|\$mirror|hasKey \$(shares|mirror) "[-a-z0-9]+") $/,
  /^- end $/,
]
const expression = /^ (\.|\$replicas\.(min|max)|index \$(shares|mirror) "[-a-z0-9]+") $/
const braces = ' "{{" '

/**
 * P22. The chart has the objects of the manifests, each behind the switch of its kind, and only known
 * actions.
 */
property(
  22,
  'the chart has every object under the switch of its kind, and `{{` only where meshc means it',
  ['a chart', 'no chart', 'an object as it is', 'an object that follows values', 'braces that are text'],
  (compilation, { spec }, saw) => {
    const files = new Map([...compilation.files()].map(({ path, text }) => [path, text]))
    const inChart = [...files].filter(([path]) => path.startsWith('chart/'))
    if (spec.delivery?.outputs?.includes('chart') === false) {
      assert.equal(inChart, [], 'there is no chart')
      saw('no chart')
      return
    }
    saw('a chart')
    const values = parse(files.get('chart/values.yaml')!) as Values
    const left = listManifests(compilation)
    for (const [path, text] of inChart) {
      const [, folder, file] = /^chart\/templates\/([^/]+)\/([^/]+)\.yaml$/.exec(path) ?? []
      if (folder === undefined) continue
      assert.ok(text.length < 5 * 2 ** 20, `${path} is small enough for Helm`)
      const { plain, quotes } = withoutActions(path, text)
      if (quotes > 0) saw('braces that are text')
      const group = folder.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
      const [, key] = new RegExp(`\\.enabled \\.Values\\.${group}\\.(\\w+) `).exec(text) ?? []
      assert.is(values[group]?.['enabled'], group !== 'argocd', `whether ${group} is there`)
      assert.is(values[group]?.[key!], true, `${group}.${key} is there`)
      for (const object of objectsIn(plain)) {
        const kind = /^kind: (\w+)$/m.exec(object)![1]!
        assert.is(kind.toLowerCase(), file!.replace(/-\d+$/, ''), `${path} has objects of its kind only`)
        assert.is(kind.toLowerCase(), key!.toLowerCase(), `${path} is under the switch of its kind`)
        if (left.delete(object)) saw('an object as it is')
        else {
          // The name of an object does not depend on values.
          const same = [...left].find(namesake => getHead(namesake) === getHead(object))
          assert.ok(
            /^(VirtualService|Application)$/.test(kind) && same !== undefined,
            `${path} has a manifest:\n${object}`,
          )
          left.delete(same)
          saw('an object that follows values')
        }
      }
    }
    assert.equal([...left], [], 'no manifest is missing')
  },
)

type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Returns the texts of the objects in a file. */
const objectsIn = (text: string): readonly string[] =>
  text
    .split(/^---$/m)
    .map(object => object.replace(/^#.*\n/gm, '').trim())
    .filter(object => object !== '')

const getHead = (object: string) => object.slice(0, object.search(/^spec:/m))

/** Lists the manifests of the chart: all except the root Application. */
const listManifests = (compilation: Compilation): Set<string> =>
  new Set(
    [...compilation.files()]
      .filter(({ path }) => /^(manifests|argocd)\//.test(path) && path !== rootFile)
      .flatMap(({ text }) => objectsIn(text)),
  )

/** Returns a template without its Helm actions, which must all be known. */
function withoutActions(path: string, text: string) {
  let quotes = 0
  const plain = text.replace(/(\n *)?\{\{(.*?)\}\}/gs, (_, lead: string = '', action: string) => {
    if (action === braces) {
      quotes++
      return `${lead}{{`
    }
    if (expression.test(action)) return `${lead}value`
    assert.ok(
      actions.some(knownAction => knownAction.test(action)),
      `${path} has Helm do this by accident: {{${action}}}`,
    )
    return ''
  })
  return { plain, quotes }
}
