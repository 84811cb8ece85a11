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
      'The cluster in Argo CD: its name, or the URL of its API server (default: its name under `clusters`)',
    examples: ['bank-prod-eu1'],
  }),
  network: Namespace.meta({
    title: 'the name of a network',
    description:
      'The network of the pods. Clusters with a network form one mesh: pods of the same network reach each other directly, and pods of other networks through an east-west gateway',
    examples: ['eu'],
  }),
  region: Region.meta({
    description: 'The region of the nodes: the value of their label `topology.kubernetes.io/region`',
    examples: ['eu-west-1'],
  }),
  zones: z
    .array(Zone)
    .min(1)
    .meta({
      description: 'The zones of the nodes: the values of their label `topology.kubernetes.io/zone`',
      examples: [['eu-west-1a', 'eu-west-1b']],
    }),
  revision: GitRevision.meta({
    description:
      'The branch, tag or commit that Argo CD follows for this cluster, to deliver a change to one cluster before the others',
    examples: ['promoted'],
  }),
}).meta({
  id: 'Cluster',
  description: 'A cluster of the environment',
  examples: [{ network: 'eu', region: 'eu-west-1' }],
})
