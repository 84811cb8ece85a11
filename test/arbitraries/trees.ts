import fc from 'fast-check'

/** Texts that some YAML readers misread or cannot print. */
const nasty: readonly string[] = [
  ...['yes', 'Yes', 'YES', 'no', 'y', 'Y', 'n', 'on', 'On', 'off', 'OFF', 'true', 'True', 'false', 'FALSE'],
  ...[
    'null',
    'Null',
    'NULL',
    '~',
    '',
    ' ',
    '  leading',
    'trailing ',
    'a\tb',
    '\t',
    'nan',
    'inf',
    '.inf',
    '-.INF',
    '.NaN',
  ],
  ...[
    '1:30',
    '190:20:30',
    '0777',
    '0o17',
    '0x1F',
    '0b101',
    '1_000',
    '1e3',
    '1E+3',
    '.5',
    '5.',
    '+1',
    '-0',
    '1.',
    '12e03',
  ],
  ...[
    '2001-01-01',
    '2001-12-14t21:59:43.10-05:00',
    '12:30:45',
    '08',
    '0',
    '30s',
    '1ms',
    '2Gi',
    '100m',
    '1h',
    '1d',
    '5%',
  ],
  ...[
    ': ',
    'a: b',
    'a:',
    ':a',
    'a:b',
    'a #b',
    '#a',
    'a#b',
    '- a',
    '-',
    '--',
    '---',
    '...',
    '? a',
    '?',
    '&a',
    '*a',
    '!a',
  ],
  ...[
    '!!str a',
    '|',
    '>',
    '%a',
    '@a',
    '`a`',
    '{a}',
    '{',
    '}',
    '[a]',
    '[',
    ']',
    ',',
    'a,',
    'a, b',
    '=',
    '<<',
    '"',
    "'",
  ],
  ...[
    '"a"',
    "'a'",
    'it’s',
    "it's",
    '\\',
    '\\n',
    '\n',
    'a\nb',
    'a\r\nb',
    '\r',
    '\u0085',
    '\u2028',
    '\u2029',
    '\uFEFF',
  ],
  ...[
    '\u0000',
    '\u0007',
    '\u001b[0m',
    '\u007f',
    '\u0080',
    '\u009f',
    '\u00a0',
    '\ufffe',
    '\uffff',
    '\u200b',
    '\u202e',
  ],
  ...[
    'é',
    'e\u0301',
    '日本語',
    '😀',
    '\u{10FFFF}',
    '\u{E0001}',
    '__proto__',
    'constructor',
    'toString',
    'https://a.example/b?c=d#e',
  ],
  ...[
    'a/b',
    '/',
    '/*',
    '//',
    '*',
    '*.example.com',
    '%REQ(:METHOD)%',
    '${HOME}',
    '{{ .Values.x }}',
    'x'.repeat(300),
  ],
]

/** Texts of several lines, most of them like a script or a document. */
const paragraphs = fc
  .array(fc.constantFrom('a', '  indented: b', '# c', '---', '- d', '', '{{ .e }}', 'f ', '\tg', 'é'), {
    minLength: 2,
    maxLength: 6,
  })
  .map(lines => lines.join('\n'))

/** A text: a nasty text, or any characters. */
const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nasty) },
  fc.tuple(fc.constantFrom(...nasty), fc.constantFrom(...nasty)).map(both => both.join('')),
  paragraphs,
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

/** Numbers that a manifest can hold: finite, and not -0. */
export const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => (Object.is(number, -0) ? 0 : number)),
  fc.constantFrom(0, 1.5, 1e21, 1e-7, -2.5e-9, Number.MAX_VALUE, Number.MIN_VALUE),
)

/**
 * Maps with at least one entry, whose values are maps, lists and scalars of any kind: possible contents of a
 * manifest.
 */
export const trees: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .letrec<{
    tree: unknown
    map: Record<string, unknown>
  }>(tie => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(texts, numbers, fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      tie('map'),
    ),
    map: fc.dictionary(texts, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
  }))
  .map.filter(map => Object.keys(map).length > 0)
