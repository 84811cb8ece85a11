import fc from 'fast-check'

const drafts = fc.record(
  {
    repository: fc.constantFrom(
      'https://git.example.com/platform/mesh.git',
      'ssh://git@git.example.com:2222/platform/mesh.git',
      'git@git.example.com:platform/mesh.git',
    ),
    revision: fc.constantFrom('main', 'release/2026-11', 'v1.4.0', '1e3'),
    sync: fc.constantFrom('manual', 'automatic'),
    slack: fc.record(
      {
        channel: fc.constantFrom('mesh-deploys', 'on_call', '0755'),
        events: fc.subarray(['failed', 'degraded', 'unknown', 'waiting', 'deployed'] as const),
      },
      { requiredKeys: ['channel'] },
    ),
    path: fc.constantFrom('mesh', 'platform/mesh.v2'),
    cluster: fc.constantFrom('shop-eu', '007', 'https://kubernetes.default.svc', 'https://10.0.0.1:6443'),
    argocd: fc.record(
      {
        namespace: fc.constantFrom('argocd', 'gitops'),
        url: fc.constantFrom('https://argocd.example.com', 'https://example.com/argocd/'),
      },
      { requiredKeys: [] },
    ),
    window: fc.record(
      {
        schedule: fc.constantFrom('0 9 * * 1-4', '*/15 6-22/2 1,15 JAN-NOV mon-FRI', '59 23 ? * 0'),
        duration: fc.constantFrom('6h', '90m'),
        timeZone: fc.constantFrom('Europe/Berlin', 'America/Argentina/Buenos_Aires', 'UTC'),
      },
      { requiredKeys: ['schedule', 'duration'] },
    ),
    outputs: fc.subarray<'argocd' | 'chart' | 'docs' | 'map'>(['argocd', 'chart', 'docs', 'map']),
  },
  { requiredKeys: [] },
)

/** A spec has Argo CD only with a repository. */
export const deliveries = drafts.map(({ outputs, ...rest }) => ({
  ...rest,
  ...(outputs !== undefined && {
    outputs: rest.repository === undefined ? outputs.filter(output => output !== 'argocd') : outputs,
  }),
}))
