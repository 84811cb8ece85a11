import { z } from 'zod'
import { Repository } from './names.ts'
import { section } from './section.ts'

/** How what is built reaches the cluster. */
export const Delivery = section({
  repository: Repository.meta({
    description: 'The git repository that holds `out/`',
    examples: ['https://git.example.com/platform/mesh.git'],
  }),
  revision: z
    .string()
    .regex(/^[A-Za-z0-9][-A-Za-z0-9._/]{0,199}$/)
    .meta({ title: 'a branch, tag or commit', description: 'What Argo CD follows', examples: ['main'] }),
  sync: z
    .enum(['manual', 'automatic'])
    .meta({ description: 'Whether Argo CD waits until it is told', examples: ['manual'] }),
  slack: section({
    channel: z
      .string()
      .regex(/^[a-z0-9][-_a-z0-9]{0,78}$/)
      .meta({
        title: 'a channel name without `#`',
        description: 'The channel that hears of deployments',
        examples: ['mesh-deploys'],
      }),
  }).meta({ description: 'Notifications', examples: [{ channel: 'mesh-deploys' }] }),
  outputs: z.array(z.enum(['argocd', 'chart', 'docs'])).meta({
    description: 'What is built beside the manifests',
    examples: [['argocd', 'docs']],
  }),
}).meta({
  id: 'Delivery',
  description: 'GitOps: where `out/` lives and how it is synced',
  examples: [{ sync: 'manual' }],
})
