import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { compileText } from '../support/compile-text.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** Templates with faults, templates that would block the machine, and templates that would read other files. */
const test = suite('rules of templates')

const services = `
services:
  cart:
    namespace: shop
    owner: team_cart
    port: { http: 8080 }
    timeout: 5s
    allow: [{ from: web, because: "a | <b>bar</b>" }]
    workload: { labels: { app: cart, constructor: built } }
  web: { namespace: shop }
`
const spec = `meshc: v1
mesh: shop
delivery: { outputs: [], documents: { NOTES.md: templates/notes.liquid } }
${services}`

const compileTemplate = (template: string) =>
  compileText({ 'spec/prod/mesh.yaml': spec, 'templates/notes.liquid': template })

/** Renders a template without findings. */
function render(template: string): string | undefined {
  const result = compileTemplate(template)
  assert.equal(
    result.diagnostics.map(({ message }) => message),
    [],
  )
  return result.ok ? result.value.file('docs/NOTES.md')?.text : undefined
}

/** Asserts the findings in a template, each as the code, the part of the template, and the message. */
function finds(template: string, findings: readonly string[]): void {
  const { ok, diagnostics, sources } = compileTemplate(template)
  const text = (file: string) => sources.find(({ name }) => name === file)?.text
  assert.equal(
    diagnostics.map(
      ({ code, at, message }) => `${code} ${text(at.file)?.slice(at.start, at.end)}: ${message}`,
    ),
    findings,
  )
  assert.is(ok, findings.length === 0)
}

test('a template writes the values of the mesh, defaults included', () => {
  const text = render(`{% for service in mesh.services -%}
{{ forloop.index }} {{ service.key }} {{ service.timeout }} {% for entry in service.ports %}{{ entry[0] }}={{ entry[1].number }}{% endfor %}
{% endfor %}`)
  assert.is(text, '1 cart 5s http=8080\n2 web 30s \n')
})

test('filters and tags work together', () => {
  assert.is(
    render(
      '{% assign teams = mesh.services | group_by: "owner" %}{% for team in teams %}{{ team.name | default: "nobody" | upcase }}: {{ team.items | map: "key" | join: "+" }}; {% endfor %}',
    ),
    'TEAM&#95;CART: cart; NOBODY: web; ',
  )
  assert.is(
    render(
      '{% assign cart = mesh.services | find: "key", "cart" %}{% case cart.owner %}{% when "team_cart", "team_b" %}{{ cart.name | code }}{% else %}?{% endcase %}{% unless cart.fault or cart.allow.size > 1 %}, no fault{% endunless %}',
    ),
    '`cart`, no fault',
  )
  assert.is(
    render(
      '{% for n in (1..5) reversed limit: 2 %}{{ n | times: 2 }} {% endfor %}{{ mesh.services | map: "key" | code }}',
    ),
    '4 2 `cart`, `web`',
  )
})

test('a value stays words of Markdown, or code; raw writes it as it is', () => {
  const because = 'mesh.services[0].allow[0].because'
  assert.is(render(`{{ ${because} }}`), 'a &#124; &#60;b&#62;bar&#60;/b&#62;')
  assert.is(render(`{{ ${because} | code }}`), '<code>a &#124; &#60;b&#62;bar&#60;/b&#62;</code>')
  assert.is(render(`{{ ${because} | raw }}`), 'a | <b>bar</b>')
})

test('an absent field writes nothing, and a key of a map is no property of its object', () => {
  assert.is(render('{{ mesh.services[1].owner }}{{ mesh.services[9].objective.availability }}.'), '.')
  assert.is(
    render(
      '{% for s in mesh.services %}{{ s.workload.labels.constructor }}-{{ s.workload.labels["__proto__"] }}{{ s.workload.labels.toString }};{% endfor %}',
    ),
    'built-;-;',
  )
})

test('a document replaces one of meshc, and needs no other', () => {
  const files = (outputs: string, name: string) => {
    const text = spec.replace('outputs: []', `outputs: [${outputs}]`).replace('NOTES.md', name)
    const result = compileText({ 'spec/prod/mesh.yaml': text, 'templates/notes.liquid': 'mine' })
    assert.ok(result.ok)
    return [...result.value.files()].filter(({ path }) => path.startsWith('docs/'))
  }
  assert.equal(files('', 'NOTES.md'), [{ path: 'docs/NOTES.md', text: 'mine' }])
  const documents = files('docs', 'RUNBOOK.md')
  assert.equal(
    documents.filter(({ path }) => path === 'docs/RUNBOOK.md').map(({ text }) => text),
    ['mine'],
  )
  assert.is(documents.length, 6)
})

test('misspelt variables and fields are found where they stand', () => {
  finds('{{ services.size }} {{ mesh.servces.size }}', [
    'MESH2053 services: there is no variable `services`',
    'MESH2053 servces: a `Mesh` has no field `servces`',
  ])
  finds(
    '{% for service in mesh.services %}{% if false %}{{ service["ownr"] }}{% endif %}{% endfor %}{{ service.key }}',
    ['MESH2053 "ownr": a `Service` has no field `ownr`', 'MESH2053 service: there is no variable `service`'],
  )
  finds('{{ mesh.services | map: "nam" | join }}{{ mesh.services | where: key, "x" | size }}', [
    'MESH2053 nam: a `Service` has no field `nam`',
    'MESH3482 key: `where` takes the name of a field in quotes',
  ])
  finds('{{ mesh.constructor }}{{ mesh.__proto__.x }}{{ mesh.services.length }}{{ mesh[mesh.name] }}', [
    'MESH2053 constructor: a `Mesh` has no field `constructor`',
    'MESH2053 __proto__: a `Mesh` has no field `__proto__`',
    'MESH2053 length: a list of `Service` has no `length`',
    'MESH2053 mesh.name: a `Mesh` has no part at a text',
  ])
})

test('the nearest name is proposed, and the available names are listed', () => {
  const [field, variable] = compileTemplate('{{ mesh.services[0].ownr }}{{ services }}').diagnostics
  assert.match(field?.help ?? '', /^did you mean `owner`\? it has `key`, `name`, /)
  assert.is(variable?.help, 'write `mesh.services`')
  assert.equal(
    field?.related.map(({ message }) => message),
    ['it makes `NOTES.md`'],
  )
})

test('tags and filters that templates lack are found where they stand', () => {
  finds('{% include "other" %}', ['MESH2054 include: there is no tag `include`'])
  finds('{% render "/etc/passwd" %}', ['MESH2054 render: there is no tag `render`'])
  finds('{{ "now" | date: "%s" }}{{ mesh.services | sample }}', [
    'MESH2054 date: there is no filter `date`',
    'MESH2054 sample: there is no filter `sample`',
  ])
})

test('types are those of the values', () => {
  finds('{{ mesh.services }}{{ mesh.services[0] }}{{ mesh.services[0].ports }}', [
    'MESH3482 {{ mesh.services }}: a list of `Service` cannot be written into a document',
    'MESH3482 {{ mesh.services[0] }}: a `Service` cannot be written into a document',
    'MESH3482 {{ mesh.services[0].ports }}: a map of `Port` cannot be written into a document',
  ])
  finds(
    '{% if mesh.services %}{% endif %}{% if mesh.name > 1 %}{% endif %}{% if mesh.services contains "cart" %}{% endif %}',
    [
      'MESH3482 mesh.services: a list of `Service` is no condition: an empty one counts as true, too',
      'MESH3482 >: `>` does not compare a text with a number',
      'MESH3482 contains: `contains` does not compare a list of `Service` with a text',
    ],
  )
  finds(
    '{% for letter in mesh.name %}{% endfor %}{{ mesh.name | plus: 1 }}{{ mesh.name | append }}{{ mesh.name | code | upcase }}',
    [
      'MESH3482 mesh.name: a loop is over a list or a map, not over a text',
      'MESH3482 plus: `plus` does not take a text',
      'MESH3482 append: `append` takes 1 argument, and has 0',
      'MESH3482 upcase: `upcase` does not take Markdown',
    ],
  )
  finds('{{ mesh.services | where: "ports", "x" | size }}{{ mesh.services | sort | size }}', [
    'MESH3482 where: `where` does not compare a map of `Port`',
    'MESH3482 sort: `sort` does not compare a `Service`',
  ])
  finds('{{ mesh.services | where: "objective" | size }}{{ mesh.services | sort: "owner" | size }}', [])
  finds(
    '{% assign mesh = 1 %}{% assign x = 1 %}{% assign x = "a" %}{% for mesh in mesh.services %}{% endfor %}',
    [
      'MESH3482 mesh: `mesh` cannot be assigned anew',
      'MESH3482 x: `x` is a number, and a text is assigned',
      'MESH3482 {% for mesh in mesh.services %}: a loop cannot name its entries `mesh`',
    ],
  )
})

test('invalid Liquid is found', () => {
  for (const [template, finding] of [
    ['{{ mesh.name', '{{ mesh.name: output `{{ mesh.name` not closed'],
    ['{% if true %}', '{% if true %}: `if` has no end'],
    ['{% else %}', '{% else %}: `else` stands in no tag that it belongs to'],
    ['{% for x in mesh.services %}{% endif %}', '{% endif %}: `endif` stands in `for`, which has none'],
    ['{% if mesh.name mesh.name %}{% endif %}', 'mesh.name: an operator is missing before this value'],
    ['{% if and %}{% endif %}', 'and: `and` lacks a value'],
    ['{% break %}', '{% break %}: `break` stands in no loop'],
  ] as const)
    finds(template, [`MESH1025 ${finding}`])
})

test('comments and raw parts are not looked at', () => {
  assert.is(
    render(
      '{% comment %}{% include "x" %}{{ nothing }}{% endcomment %}{% # note %}{% raw %}{{ x }}{% endraw %}',
    ),
    '{{ x }}',
  )
})

test('a template that would hold the machine ends, on each machine at the same place', () => {
  const loops = (depth: number, inner: string): string =>
    depth === 0 ? inner : `{% for n${depth} in (1..300) %}${loops(depth - 1, inner)}{% endfor %}`
  const doubling =
    '{% assign x = "aaaaaaaaaaaaaaaa" %}{% for n in (1..100) %}{% assign x = x | append: x %}{% endfor %}{{ x }}'
  for (const template of [
    loops(8, ''),
    '{% for n in (1..999999999999) %}{% endfor %}',
    doubling,
    `${doubling.replace('100', '15')}{% for n in (1..100) %}{{ x | replace: "a", x }}{% endfor %}`,
    '{% assign l = (1..100000) %}{% for n in l %}{% for m in l reversed %}{% break %}{% endfor %}{% endfor %}',
  ]) {
    const start = performance.now()
    const [first] = compileTemplate(template).diagnostics
    assert.is(first?.code, 'MESH3483')
    assert.equal(compileTemplate(template).diagnostics[0], first)
    assert.ok(performance.now() - start < 20_000, template)
  }
  assert.match(
    compileTemplate(loops(2, 'x'.repeat(100))).diagnostics[0]?.message ?? '',
    'the document is larger than 4 MiB',
  )
})

test('deep nesting is refused before it is parsed', () => {
  const nested = '{% if true %}'.repeat(5_000) + '{% endif %}'.repeat(5_000)
  finds(nested.slice(0, 65_000), ['MESH1025 {% if true %}: tags are nested deeper than 64'])
  const brackets = `{{ mesh${'[mesh'.repeat(10_000)} }}`
  finds(brackets, [`MESH1025 ${brackets}: brackets are nested deeper than 64`])
  finds('x'.repeat(70_000), ['MESH3483 : the template is longer than 64 KiB'])
})

test('a template that cannot be read is found at its name', () => {
  plantedFault(
    'MESH1026',
    `delivery: { documents: { NOTES.md: «templates/notes.liquid» } }\n${services}`,
    'the template `templates/notes.liquid` cannot be read: there is no such file',
  )
})

test('names of documents and templates stay in their folders', () => {
  for (const [name, file] of [
    ['../NOTES.md', 'a.liquid'],
    ['a/b.md', 'a.liquid'],
    ['mesh.html', 'a.liquid'],
    ['NOTES.md', '../a.liquid'],
    ['NOTES.md', '/etc/a.liquid'],
    ['NOTES.md', 'templates/../../a.liquid'],
    ['NOTES.md', 'a.ejs'],
  ] as const) {
    const { ok, diagnostics } = compileText(
      spec.replace('NOTES.md: templates/notes.liquid', `${name}: ${file}`),
    )
    assert.not.ok(ok)
    assert.equal(
      diagnostics.map(({ code }) => code),
      ['MESH1013'],
      name + file,
    )
  }
})

const beside = { 'templates/notes.liquid': '' }
const listDocuments = (names: string) => `delivery: { documents: { ${names} } }\n${services}`
const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message, beside))

fault(
  'MESH3481',
  'a document has the name of one of meshc in another case',
  listDocuments('«runbook.md»: templates/notes.liquid'),
  'the document `runbook.md` has the name of `RUNBOOK.md` in another case',
)

fault(
  'MESH3481',
  'two documents have one name in two cases',
  listDocuments('NOTES.md: templates/notes.liquid, «Notes.md»: templates/notes.liquid'),
  'the document `Notes.md` has the name of `NOTES.md` in another case',
)

test('a document may have the name of one of meshc', () => {
  soundSpec(listDocuments('RUNBOOK.md: templates/notes.liquid'), beside)
})

test('a template is looked at in a mesh that is wrong', () => {
  const window = 'window: { schedule: 0 9 31 2 *, duration: 6h }'
  const { diagnostics } = compileText({
    'spec/prod/mesh.yaml': spec.replace('outputs: []', `outputs: [], ${window}`),
    'templates/notes.liquid': '{{ mesh.nam }}',
  })
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['MESH2053', 'MESH3902'],
  )
})

test.run()
