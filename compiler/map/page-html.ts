import type { PageData, PageMesh } from './page-data.ts'

/** The parts of a mesh that only the engine needs. */
type EnginePart = 'objects' | 'files' | 'reasons' | 'reasonLists' | 'facts'

/** What the page needs to draw a mesh. */
type MeshPicture = Omit<PageMesh, EnginePart>

/** What only the engine needs, which is parsed in the worker of the page. */
type MeshObjects = Pick<PageMesh, EnginePart>

/** The data of a page without the objects. */
export interface PagePicture {
  readonly meshc: string
  readonly mesh: MeshPicture
  readonly change?: {
    readonly before: MeshPicture
    readonly differences: NonNullable<PageData['change']>['differences']
  }
}

/** The objects of a page. */
export interface PageObjects {
  readonly mesh: MeshObjects
  readonly before?: MeshObjects
}

/**
 * Makes the HTML of a map: one file that loads nothing. Its content security policy allows its own script, its own style and
 * its worker, and forbids every request.
 *
 * @param script the text of `dist/map-page.js`
 * @param style the text of `dist/map-page.css`
 * @param digest gives the SHA-256 of a text in UTF-8, in base64
 */
export function makePageHtml({
  script,
  style,
  data,
  digest,
}: {
  readonly script: string
  readonly style: string
  readonly data: PageData
  readonly digest: (text: string) => string
}): string {
  if (/<\/script|<!--/i.test(script)) throw new Error('the script of the page ends its own element')
  if (/<\/style/i.test(style)) throw new Error('the style of the page ends its own element')
  const { picture, objects } = splitData(data)
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${digest(script)}'`,
    `style-src 'sha256-${digest(style)}'`,
    'worker-src blob:',
    'img-src data:',
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
<meta name="generator" content="meshc ${escapeHtml(data.meshc)}">
<title>${escapeHtml(data.mesh.name)}: map of the mesh</title>
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

function splitData({ meshc, mesh, change }: PageData): { picture: PagePicture; objects: PageObjects } {
  const now = splitMesh(mesh)
  if (change === undefined) return { picture: { meshc, mesh: now.picture }, objects: { mesh: now.objects } }
  const before = splitMesh(change.before)
  return {
    picture: {
      meshc,
      mesh: now.picture,
      change: { before: before.picture, differences: change.differences },
    },
    objects: { mesh: now.objects, before: before.objects },
  }
}

function splitMesh(mesh: PageMesh): { picture: MeshPicture; objects: MeshObjects } {
  const { objects, files, reasons, reasonLists, facts, ...picture } = mesh
  return { picture, objects: { objects, files, reasons, reasonLists, facts } }
}

/** Writes JSON that ends no element of HTML and starts none. */
const escapeJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
