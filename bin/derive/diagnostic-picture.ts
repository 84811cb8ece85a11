import { compile } from '../../compiler/compile.ts'
import { renderer } from '../../compiler/diagnostics/render.ts'
import { terminalPicture } from './terminal-picture.ts'

/** docs/pictures/diagnostic.svg: what meshc says of a spec that is wrong. */
export function diagnosticPicture(banner: string, spec: string): string {
  const { diagnostics, sources } = compile('spec/prod/mesh.yaml', {
    read: path => (path === 'spec/prod/mesh.yaml' ? { text: spec } : { reason: 'there is no such file' }),
    list: () => [],
  })
  const render = renderer(sources, { color: true })
  return terminalPicture(banner, 'meshc validate --env prod', diagnostics.map(render).join('\n\n'))
}
