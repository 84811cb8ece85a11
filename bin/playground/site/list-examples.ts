import { mistakes } from '../../build/derive/mistakes.ts'
import { exampleNames } from '../../project/example-names.ts'
import { scaffold } from '../../project/scaffold.ts'
import type { Example } from '../share/examples.ts'

/** The files of a folder by their paths from the root of the project. */
type Texts = Readonly<Record<string, string>>

/** The project that `meshc init shop` writes, which the guides are about. */
export function makeShopProject(): Texts {
  const names = { ...exampleNames, mesh: 'shop', namespace: 'shop', host: 'shop.example.com' }
  return Object.fromEntries(
    scaffold(names)
      .filter(({ path }) => path.startsWith('spec/'))
      .map(({ path, text }) => [path, text]),
  )
}

/**
 * Lists the examples: a new project, the environments below spec/, and the typical mistakes.
 *
 * @param specs the files below spec/
 */
export function listExamples(specs: Texts): readonly Example[] {
  const select = (folder: RegExp): Texts =>
    Object.fromEntries(
      Object.entries(specs)
        .filter(([path]) => folder.test(path))
        .map(([path, text]) => [path, withoutSchema(text)]),
    )
  return [
    {
      id: 'bookinfo',
      title: 'Bookinfo',
      group: 'Meshes',
      says: 'The example of Istio: one service in three versions behind a gateway.',
      files: select(/^spec\/examples\/bookinfo\//),
      open: 'spec/examples/bookinfo/mesh.yaml',
    },
    {
      id: 'online-boutique',
      title: 'Online Boutique',
      group: 'Meshes',
      says: 'A shop of eleven services, whose teams own the files that mesh.yaml includes.',
      files: select(/^spec\/examples\/online-boutique\//),
      open: 'spec/examples/online-boutique/mesh.yaml',
    },
    {
      id: 'layers',
      title: 'dev, staging and prod over one base',
      group: 'Meshes',
      says: 'Three environments share a base, and each sets what differs.',
      files: select(/^spec\/(base|dev|staging|prod)\//),
      open: 'spec/base/mesh.yaml',
      environment: 'prod',
    },
    {
      id: 'new',
      title: 'A new project',
      group: 'Meshes',
      says: 'The specs that `meshc init` writes.',
      files: Object.fromEntries(
        Object.entries(makeShopProject()).map(([path, text]) => [path, withoutSchema(text)]),
      ),
      open: 'spec/base/mesh.yaml',
      environment: 'prod',
    },
    ...mistakes.flatMap(({ subject, mistakes }) =>
      mistakes.map(({ title, why, code, spec, instead }) => ({
        id: makeId(title),
        title,
        group: `Mistakes: ${subject}`,
        says: `${why} ${code}.`,
        correction: instead.reduce((text, [wrong, right]) => text.replace(wrong, () => right), spec),
        files: { 'spec/prod/mesh.yaml': spec },
        open: 'spec/prod/mesh.yaml',
      })),
    ),
  ]
}

/** Makes the id of a mistake of its title. */
const makeId = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')

/** Removes the line by which editors on a disk find the schema. */
const withoutSchema = (text: string): string => text.replace(/^# yaml-language-server: .*\n/, '')
