import { z } from 'zod'
import type { SlackEvent } from '../slack-events.ts'
import {
  Cluster,
  DocumentName,
  Folder,
  GitRevision,
  Namespace,
  NeighborFile,
  Repository,
  Schedule,
  TemplateFile,
  TimeZone,
  Url,
  WindowDuration,
} from './names.ts'
import { defineNamed, defineSection } from './section.ts'
import { defineWords } from './words.ts'

const meaningOfEvents: Readonly<Record<SlackEvent, string>> = {
  failed: 'A sync failed',
  degraded: 'A deployed resource is not healthy',
  unknown: 'Argo CD cannot compare the cluster with the repository',
  waiting: 'The cluster differs from the repository, and waits for a sync',
  deployed: 'A sync succeeded, and all resources are healthy',
}

/** The delivery of built files to the cluster. */
export const Delivery = defineSection({
  repository: Repository.meta({
    description: 'The git repository that holds `out/`',
    examples: ['https://git.example.com/platform/mesh.git'],
  }),
  revision: GitRevision.meta({
    description: 'The branch, tag or commit that Argo CD follows',
    examples: ['main'],
  }),
  path: Folder.meta({
    description: 'The folder of the repository that contains `out/` (default: the root)',
    examples: ['platform/mesh'],
  }),
  cluster: Cluster.meta({
    description: 'The cluster in Argo CD: its name, or the URL of its API server',
    examples: ['shop-prod-eu'],
  }),
  argocd: defineSection({
    namespace: Namespace.meta({ description: 'The namespace of Argo CD', examples: ['argocd'] }),
    url: Url.meta({
      description: 'The URL of Argo CD in a browser; notifications link to it',
      examples: ['https://argocd.example.com'],
    }),
  }).meta({
    description: 'The Argo CD that delivers this environment',
    examples: [{ url: 'https://argocd.example.com' }],
  }),
  sync: defineWords({
    manual: 'Argo CD shows the differences, and a person starts a sync',
    automatic: 'Argo CD applies each commit by itself',
  }).meta({
    description:
      'The sync policy of Argo CD: it waits for a person (`manual`), or syncs by itself (`automatic`)',
    examples: ['manual'],
  }),
  window: defineSection({
    schedule: Schedule.meta({
      description: 'The times at which the window opens, in cron syntax',
      examples: ['0 9 * * 1-4'],
    }),
    duration: WindowDuration.meta({ description: 'The time that the window stays open', examples: ['6h'] }),
    timeZone: TimeZone.meta({
      description: 'The time zone of the schedule',
      examples: ['Europe/Berlin'],
    }),
  }).meta({
    description:
      'The sync window: Argo CD changes the environment only while it is open. With `sync: automatic`, a person can sync at any time',
    examples: [{ schedule: '0 9 * * 1-4', duration: '6h', timeZone: 'Europe/Berlin' }],
  }),
  slack: defineSection({
    channel: z
      .string()
      .regex(/^[a-z0-9][-_a-z0-9]{0,78}$/)
      .meta({
        title: 'a channel name without `#`',
        description: 'The channel that gets the notifications',
        examples: ['mesh-deploys'],
      }),
    events: z.array(defineWords(meaningOfEvents)).meta({
      description: 'The events of which Argo CD notifies the channel',
      examples: [['failed', 'degraded']],
    }),
  }).meta({ description: 'Notifications in Slack', examples: [{ channel: 'mesh-deploys' }] }),
  neighbors: z.array(NeighborFile).meta({
    description:
      'Files below `out/<environment>/manifests` that another owner writes; Argo CD delivers them with the files of meshc. Any other file there is an error',
    examples: [['team-a/dashboard.yaml']],
  }),
  outputs: z
    .array(
      defineWords({
        argocd: 'Applications and a project for Argo CD',
        chart: 'A Helm chart with the same objects',
        docs: 'A README, a runbook and traffic examples',
        map: 'A map of the mesh as one HTML page, `docs/mesh.html`; its size grows with the mesh (1 to 2 MB)',
      }),
    )
    .meta({
      description: 'The outputs that meshc builds in addition to the manifests',
      examples: [['argocd', 'docs']],
    }),
  documents: defineNamed(DocumentName, TemplateFile).meta({
    description:
      'Documents of your own: file names in `docs/`, each with the path of its Liquid template from the root of the project. A document of your own replaces a document of meshc with the same name',
    examples: [{ 'ON-CALL.md': 'templates/on-call.liquid' }],
  }),
}).meta({
  id: 'Delivery',
  description: 'The GitOps delivery: the repository of `out/`, and its sync to the cluster',
  examples: [{ sync: 'manual' }],
})
