import { z } from 'zod'
import { Cluster as Destination, GitRevision, Namespace, Region, Zone } from './names.ts'
import { defineSection } from './section.ts'

/** The names of the clusters of an environment; each is the name of a folder, too. */
export const ClusterName = Namespace.meta({
  title: 'the name of a cluster',
  examples: ['eu1'],
  'x-names': 'cluster',
})

/** One of the clusters of an environment. */
export const ClusterSpec = defineSection({
  destination: Destination.meta({
    description:
      'The cluster, as Argo CD knows it: by its name, which is that of the cluster here unless it is set, or by the URL of its API server',
    examples: ['bank-prod-eu1'],
  }),
  network: Namespace.meta({
    title: 'the name of a network',
    description:
      'The network of its pods. Clusters with a network are one mesh: pods of one network reach each other, and an east-west gateway joins networks',
    examples: ['eu'],
  }),
  region: Region.meta({
    description: 'The region of its nodes, as their label `topology.kubernetes.io/region` has it',
    examples: ['eu-west-1'],
  }),
  zones: z
    .array(Zone)
    .min(1)
    .meta({
      description: 'The zones of its nodes, as their label `topology.kubernetes.io/zone` has them',
      examples: [['eu-west-1a', 'eu-west-1b']],
    }),
  revision: GitRevision.meta({
    description:
      'The branch, tag or commit that Argo CD follows for this cluster, so that a change reaches one cluster before the others',
    examples: ['promoted'],
  }),
}).meta({
  id: 'Cluster',
  description: 'A cluster of the environment',
  examples: [{ network: 'eu', region: 'eu-west-1' }],
})
