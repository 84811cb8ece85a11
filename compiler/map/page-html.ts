import { type EnvironmentOf, getShownMesh, type PageData, type PageMesh } from './page-data.ts'
import { applyPatch, makePatch, type Patch } from './patch-value.ts'

/** The parts of a mesh that only the engine needs. */
type EnginePart = 'objects' | 'files' | 'reasons' | 'reasonLists' | 'facts'

/** The parts of a mesh that draw it. */
type MeshPicture = Omit<PageMesh, EnginePart>

/** The parts that only the engine reads, which the worker of the page parses. */
type MeshObjects = Pick<PageMesh, EnginePart>

/** The data of a page without the objects. */
export interface PagePicture {
  readonly meshc: string
  readonly environments: readonly EnvironmentPicture[]
}

export type EnvironmentPicture = EnvironmentOf<MeshPicture>

/** The objects of a page, by the same numbers of environments. */
export interface PageObjects {
  readonly environments: readonly { readonly after?: MeshObjects; readonly before?: MeshObjects }[]
}

/** The same, as the page holds it: the mesh before a change is a patch of the one after it. */
export interface PackedPicture {
  readonly meshc: string
  readonly environments: readonly {
    readonly mesh?: MeshPicture
    readonly change?: Omit<NonNullable<EnvironmentPicture['change']>, 'before'> & { readonly before: Patch }
  }[]
}

interface PackedObjects {
  readonly environments: readonly { readonly after?: MeshObjects; readonly before?: Patch }[]
}

/**
 * Makes the HTML of a map: one file that loads nothing. Its content security policy allows its own script, its own style and its
 * worker, and forbids every request. A page that follows its server may also call the server.
 *
 * @param script the text of `dist/map-page.js`
 * @param style the text of `dist/map-page.css`
 * @param digest gives the SHA-256 of a text in UTF-8, in base64
 * @param follows makes a page that follows the events of its server, or of the page around its frame
 */
export function makePageHtml({
  script,
  style,
  data,
  digest,
  follows,
}: {
  readonly script: string
  readonly style: string
  readonly data: PageData
  readonly digest: (text: string) => string
  readonly follows?: 'server' | 'frame' | undefined
}): string {
  if (/<\/script|<!--/i.test(script)) throw new Error('the script of the page ends its own element')
  if (/<\/style/i.test(style)) throw new Error('the style of the page ends its own element')
  const { picture, objects } = packPageData(data)
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${digest(script)}'`,
    `style-src 'sha256-${digest(style)}'`,
    'worker-src blob:',
    'img-src data:',
    ...(follows === 'server' ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="meshc ${escapeHtml(data.meshc)}">${follows === undefined ? '' : `\n<meta name="meshc-follows" content="${follows}">`}
<title>${escapeHtml(nameEnvironments(data))}: map of the mesh</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This map is drawn by the script in this file. Allow JavaScript to see it.</noscript></div>
<script type="application/json" id="picture">${escapeJson(picture)}</script>
<script type="application/json" id="objects">${escapeJson(objects)}</script>
<script>${script}</script>
</body>
</html>`
}

/**
 * Packs the data of a page: the part for drawing, and the part for the engine. The `page.json` of a live page has both. For a mesh
 * before a change, it has only the differences from the mesh after it.
 */
export function packPageData(data: PageData): {
  readonly picture: PackedPicture
  readonly objects: PackedObjects
} {
  const { picture, objects } = splitPageData(data)
  return {
    picture: {
      ...picture,
      environments: picture.environments.map(({ mesh, change }) => ({
        ...(mesh && { mesh }),
        ...(change && { change: { ...change, before: makePatch(change.before, mesh) } }),
      })),
    },
    objects: {
      environments: objects.environments.map(({ after, before }) => ({
        ...(after && { after }),
        ...(before && { before: makePatch(before, after) }),
      })),
    },
  }
}

/** Restores the data for drawing. */
export const unpackPicture = (picture: PackedPicture): PagePicture => ({
  ...picture,
  environments: picture.environments.map(
    ({ mesh, change }) =>
      // `packPageData` made the patch of such a mesh.
      ({
        ...(mesh && { mesh }),
        ...(change && { change: { ...change, before: applyPatch(change.before, mesh) } }),
      }) as EnvironmentPicture,
  ),
})

/** Restores the data for the engine. */
export const unpackObjects = ({ environments }: PackedObjects): PageObjects => ({
  environments: environments.map(({ after, before }) => ({
    ...(after && { after }),
    // `packPageData` made the patch of such objects.
    ...(before !== undefined && { before: applyPatch(before, after) as MeshObjects }),
  })),
})

/** Splits the data of a page into the part for drawing and the part for the engine. */
export function splitPageData({ meshc, environments }: PageData): {
  readonly picture: PagePicture
  readonly objects: PageObjects
} {
  const parts = environments.map(splitEnvironment)
  return {
    picture: { meshc, environments: parts.map(({ picture }) => picture) },
    objects: { environments: parts.map(({ objects }) => objects) },
  }
}

function splitEnvironment({ mesh, change }: PageData['environments'][number]): {
  picture: EnvironmentPicture
  objects: PageObjects['environments'][number]
} {
  const after = mesh && splitMesh(mesh)
  const before = change && splitMesh(change.before)
  return {
    // One of them is there, as in the environment.
    picture: {
      ...(after && { mesh: after.picture }),
      ...(change && before && { change: { ...change, before: before.picture } }),
    } as EnvironmentPicture,
    objects: { ...(after && { after: after.objects }), ...(before && { before: before.objects }) },
  }
}

function splitMesh(mesh: PageMesh): { picture: MeshPicture; objects: MeshObjects } {
  const { objects, files, reasons, reasonLists, facts, ...picture } = mesh
  return { picture, objects: { objects, files, reasons, reasonLists, facts } }
}

/** Names one environment, or counts several. */
const nameEnvironments = ({ environments }: PageData): string =>
  environments.length === 1 ? getShownMesh(environments[0]!).name : `${environments.length} environments`

/** Writes JSON that neither ends nor starts an HTML element. */
const escapeJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** Escapes a text for the content or an attribute of HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
