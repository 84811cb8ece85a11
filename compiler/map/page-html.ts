import { type EnvironmentOf, getShownMesh, type PageData, type PageMesh } from './page-data.ts'

/** The parts of a mesh that only the engine needs. */
type EnginePart = 'objects' | 'files' | 'reasons' | 'reasonLists' | 'facts'

/** The parts of a mesh that draw it. */
type MeshPicture = Omit<PageMesh, EnginePart>

/** The parts for the engine alone, which the worker of the page parses. */
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

/**
 * Makes the HTML of a map: one file that loads nothing. Its content security policy allows its own script, its own style and
 * its worker, and forbids every request. A live page may also ask the server that it comes from.
 *
 * @param script the text of `dist/map-page.js`
 * @param style the text of `dist/map-page.css`
 * @param digest gives the SHA-256 of a text in UTF-8, in base64
 * @param isLive makes a page that follows the changes that its server tells of
 */
export function makePageHtml({
  script,
  style,
  data,
  digest,
  isLive = false,
}: {
  readonly script: string
  readonly style: string
  readonly data: PageData
  readonly digest: (text: string) => string
  readonly isLive?: boolean
}): string {
  if (/<\/script|<!--/i.test(script)) throw new Error('the script of the page ends its own element')
  if (/<\/style/i.test(style)) throw new Error('the style of the page ends its own element')
  const { picture, objects } = splitPageData(data)
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${digest(script)}'`,
    `style-src 'sha256-${digest(style)}'`,
    'worker-src blob:',
    'img-src data:',
    ...(isLive ? ["connect-src 'self'"] : []),
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
<meta name="generator" content="meshc ${escapeHtml(data.meshc)}">${isLive ? '\n<meta name="meshc-live">' : ''}
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

/** Splits the data of a page into what draws it and what its engine reads: the `page.json` of a live page has both. */
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

/** Writes JSON that ends no element of HTML and starts none. */
const escapeJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** Escapes a text for the content or an attribute of HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
