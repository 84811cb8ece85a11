import { compile } from '../../../compiler/compile.ts'
import { makeRenderer } from '../../../compiler/diagnostics/render.ts'
import { drawTerminal } from './terminal-picture.ts'

/** docs/pictures/diagnostic.svg: the diagnostics of a wrong spec. */
export function drawDiagnostic(banner: string, spec: string): string {
  const { diagnostics, sources } = compile('spec/prod/mesh.yaml', {
    read: path => (path === 'spec/prod/mesh.yaml' ? { text: spec } : { reason: 'there is no such file' }),
    list: () => [],
    listBelow: () => [],
  })
  const render = makeRenderer(sources, { color: true })
  return drawTerminal(banner, 'meshc validate --env prod', diagnostics.map(render).join('\n\n'))
}
