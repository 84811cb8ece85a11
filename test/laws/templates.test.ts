import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import type { Mesh } from '../../compiler/mesh/mesh.ts'
import { makeEntities } from '../../compiler/policies/entities.ts'
import { findTypeFields } from '../../compiler/policies/types.ts'
import { makeViews, Reads } from '../../compiler/policies/view.ts'
import { getTexts, type Spec, specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { getWorkspace } from '../support/compile-text.ts'
import { everySpec } from '../support/drawn-specs.ts'
import { compileSpec } from '../support/specs.ts'

const laws = suite('laws: templates')

laws('a template that lists services writes exactly the services of the mesh, in their order', () => {
  let count = 0
  everySpec(spec => {
    const { services } = compileSpec(spec).mesh
    const template =
      '{% for s in mesh.services %}{{ s.key | raw }} {{ s.namespace | raw }} {% for p in s.ports %}{{ p[0] | raw }}={{ p[1].number }},{% endfor %}\n{% endfor %}'
    const lines = services.map(
      ({ key, namespace, ports }) =>
        `${key} ${namespace.value} ${ports.map(({ key, number }) => `${key}=${number.value},`).join('')}\n`,
    )
    assert.equal(render(spec, template), lines.join(''))
    count += services.length
  })
  assert.ok(count > 300, `${count} services were written`)
})

laws(
  'a template writes each value as policies read it, and a misspelt path is refused and never written',
  () => {
    let count = 0
    holds(
      fc.property(specs(), fc.nat({ max: 100_000 }), (spec, choice) => {
        const values = listValues(compileSpec(spec).mesh)
        const step = Math.ceil(values.length / mostValues)
        const chosen = values.filter((_, index) => index % step === choice % step)
        const template = chosen.map(({ path }) => `{{ ${path} | raw }}`).join('\n')
        assert.equal(render(spec, template), chosen.map(({ value }) => value).join('\n'))
        count += chosen.length

        const victim = chosen[choice % chosen.length]!
        const wrong = misspell(victim.path, choice)
        const templates = [
          `{{ ${wrong} }}`,
          `{% if false %}{{ ${wrong} }}{% endif %}`,
          `{% assign x = ${wrong} %}`,
          `{% if mesh.name == ${wrong} %}{% endif %}`,
          `{% for n in (1..2) %}{% for m in (1..${wrong}) %}{% endfor %}{% endfor %}`,
        ].map(around => `{{ mesh.name }}\n${around}`)
        const { ok, diagnostics } = compileWith(spec, templates)
        assert.not.ok(ok)
        const errors = diagnostics.filter(({ severity }) => severity === 'error')
        assert.equal(
          errors.map(({ code, at }) => `${code} ${at.file}`).sort(),
          templates.map((_, index) => `MESH2053 templates/drawn-${index}.liquid`),
        )
      }),
    )
    assert.ok(count > 2000, `${count} values were written`)
  },
)

const fragments = [
  ...[
    '{{',
    '}}',
    '{%',
    '%}',
    '{%-',
    '-%}',
    '{',
    '}',
    '.',
    '..',
    '[',
    ']',
    '(',
    ')',
    '|',
    ':',
    ',',
    '=',
    '"',
    "'",
    '\\',
    '#',
  ],
  ...[
    'mesh',
    'services',
    'ports',
    'raw',
    'x',
    '__proto__',
    'constructor',
    'first',
    'size',
    '0',
    '-1',
    '1.5',
    'nil',
    'empty',
  ],
  ...[
    'for x in mesh.services',
    'endfor',
    'if',
    'elsif',
    'else',
    'endif',
    'unless',
    'endunless',
    'case',
    'when',
    'endcase',
  ],
  ...[
    'assign x =',
    'break',
    'comment',
    'endcomment',
    'endraw',
    'limit',
    'reversed',
    'forloop',
    'include',
    'liquid',
  ],
  ...[
    'map',
    'where',
    'group_by',
    'join',
    'plus',
    'code',
    'default',
    'date',
    '==',
    '<',
    'contains',
    'and',
    'not',
    ' ',
    '\n',
    'é',
  ],
]

const drawnTemplates = fc
  .array(
    fc.oneof(fc.constantFrom(...fragments), fc.constantFrom('{{ ', ' }}', '{% ', ' %}', 'mesh.', ' | ')),
    {
      maxLength: 40,
    },
  )
  .map(parts => parts.join(''))

laws('any text is written as a document, or refused at a place in it', () => {
  const entry = 'spec/prod/mesh.yaml'
  const services = { cart: { namespace: 'shop', port: { http: 8080 } }, web: { namespace: 'shop' } }
  const spec: Spec = { entry, documents: { [entry]: { meshc: 'v1', mesh: 'shop', services } } }
  let count = 0
  holds(
    fc.property(fc.array(drawnTemplates, { minLength: 5, maxLength: 5 }), templates => {
      for (const template of templates) {
        const { ok, diagnostics } = compileWith(spec, [template])
        const errors = diagnostics.filter(({ severity }) => severity === 'error')
        assert.is(ok, errors.length === 0)
        for (const { code, at } of errors) {
          assert.ok(['MESH1025', 'MESH2053', 'MESH2054', 'MESH3482', 'MESH3483'].includes(code), code)
          assert.is(at.file, 'templates/drawn-0.liquid')
          assert.ok(at.start >= 0 && at.start <= at.end && at.end <= template.length)
        }
        count += ok ? 1 : 0
      }
    }),
  )
  assert.ok(count > 20, `${count} were written`)
})

laws.run()

/** The maximum of a spec's values that a template writes. */
const mostValues = 60

/** A value of a mesh, and its path in a template. */
interface Written {
  readonly path: string
  readonly value: string
}

/** Lists the values of a mesh as policies read them. */
function listValues(mesh: Mesh): readonly Written[] {
  const views = makeViews(new Reads())
  const nameOfClass = new Map<unknown, string>(
    Object.entries(views.classes).map(([name, made]) => [made, name]),
  )
  const values: Written[] = []
  walk(makeEntities(mesh, views).object, 'mesh')
  return values

  function walk(value: unknown, path: string): void {
    if (value === undefined || value === null) return
    if (typeof value !== 'object') values.push({ path, value: String(value) })
    else if (Array.isArray(value)) for (const index of value.keys()) walk(value[index], `${path}[${index}]`)
    else if (value instanceof Map) {
      // `size` counts the entries, and a quotation mark would end the name.
      for (const key of value.keys())
        if (key !== 'size' && !/["\\]/.test(key)) walk(value.get(key), `${path}["${key}"]`)
    } else
      for (const field of Object.keys(findTypeFields(nameOfClass.get(value.constructor)!)!))
        walk(Reflect.get(value, field), `${path}.${field}`)
  }
}

/** Misspells one of the fields of a path. No field name has the new ending. */
function misspell(path: string, choice: number): string {
  const fields = [...path.matchAll(/\["[^"]*"\]|\.\w+/g)].filter(([step]) => step.startsWith('.'))
  const field = fields[choice % fields.length]!
  const end = field.index + field[0].length
  return `${path.slice(0, end)}Xx${path.slice(end)}`
}

/** Compiles a spec with a document for each template. */
function compileWith({ entry, documents }: Spec, templates: readonly string[]) {
  const document = documents[entry]
  const files = templates.map((_, index) => `templates/drawn-${index}.liquid`)
  const drawn = Object.fromEntries(files.map((file, index) => [`DRAWN-${index}.md`, file]))
  const texts = getTexts({
    entry,
    documents: {
      ...documents,
      [entry]: { meshc: 'v1', ...document, delivery: { ...document?.delivery, documents: drawn } },
    },
  })
  const sources = Object.fromEntries(files.map((file, index) => [file, templates[index]!]))
  return compile(entry, getWorkspace({ ...texts, ...sources }))
}

function render(spec: Spec, template: string): string | undefined {
  const result = compileWith(spec, [template])
  assert.equal(
    result.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  )
  return result.ok ? result.value.file('docs/DRAWN-0.md')?.text : undefined
}
