import fc from 'fast-check'

export const deliveries = fc.record(
  {
    repository: fc.constantFrom(
      'https://git.example.com/platform/mesh.git',
      'ssh://git@git.example.com:2222/platform/mesh.git',
      'git@git.example.com:platform/mesh.git',
    ),
    revision: fc.constantFrom('main', 'release/2026-11', 'v1.4.0', '1e3'),
    sync: fc.constantFrom('manual', 'automatic'),
    slack: fc.record({ channel: fc.constantFrom('mesh-deploys', 'on_call', '0755') }),
    outputs: fc.subarray<'argocd' | 'chart' | 'docs'>(['argocd', 'chart', 'docs']),
  },
  { requiredKeys: [] },
)
