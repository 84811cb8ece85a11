import { usualLimits } from '../../../compiler/behavior/budget.ts'
import type { Compilation } from '../../../compiler/compilation.ts'
import type { Source } from '../../../compiler/diagnostics/source.ts'
import { makePageMesh } from '../../../compiler/map/make-page-mesh.ts'
import type { PageData } from '../../../compiler/map/page-data.ts'
import { makePageHtml, packPageData } from '../../../compiler/map/page-html.ts'
import { makeCompiledMesh } from '../../behavior/compiled-mesh.ts'
import type { Environment } from '../../project/project.ts'

/** The script and the style of the page of a map, with the digests that its content security policy names. */
export interface MapParts {
  readonly script: string
  readonly style: string
  /** The SHA-256 of both, in base64. */
  readonly scriptDigest: string
  readonly styleDigest: string
}

/** Draws the map of an environment: the data of the page that `meshc map` writes. */
export function drawMapData(
  environment: Environment,
  compilation: Compilation,
  sources: readonly Source[],
  meshc: string,
): PageData {
  const loaded = makeCompiledMesh({ environment, compilation, sources })
  const mesh = makePageMesh({ ...loaded, commandOptions: `--env ${environment.name}` }, usualLimits, () => {})
  return { meshc, environments: [{ mesh }] }
}

/** Prints the page, which follows the page around its frame. */
export const printMap = (data: PageData, { script, style, scriptDigest, styleDigest }: MapParts): string =>
  makePageHtml({
    script,
    style,
    data,
    digest: text => (text === script ? scriptDigest : styleDigest),
    follows: 'frame',
  })

/** Prints the data for a page that is there. */
export const printMapData = (data: PageData): string => JSON.stringify(packPageData(data))
